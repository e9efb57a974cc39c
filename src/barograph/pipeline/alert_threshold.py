"""The score from which a bundle raises alerts."""

from __future__ import annotations

import numpy as np

from barograph.core.record_table import Records
from barograph.core.scoring_study import ScoringStudy
from barograph.engines.scoring.combining import served_answer
from barograph.engines.scoring.fit import Refit
from barograph.evaluate.records.clock import days_covered
from barograph.evaluate.records.figures import ALARM_RATE
from barograph.measures.alerts import budget_thresholds


def alert_threshold(refit: Refit, records: Records, study: ScoringStudy, champion: str) -> float | None:
    """What the budget of alerts allows on the days (in a stream, hours) held out by the refit.

    Of the falls of currencies, what a tenth of the figures held out by the refit exceeds. None of another
    study, whose threshold is the training share of bads.
    """
    if study.evaluate.alerts is None and study.prepare.fixings is None:
        return None
    bench = refit.bench
    rows = bench.fold.calibration_rows
    figure = served_answer(bench, refit.fitted, refit.answers, study, champion)[bench.of(rows)]
    if study.evaluate.alerts is None:
        return float(np.quantile(figure, 1.0 - ALARM_RATE))
    lowest = budget_thresholds(
        figure,
        [study.evaluate.alerts.cards_per_day],
        n_days=days_covered(records.time[rows]) if records.has_time else 1.0,
        weight=None if records.weight is None else records.weight[rows],
    )[0]
    return float(min(lowest, figure.max(), 1.0))
