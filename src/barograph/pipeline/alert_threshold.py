"""The score from which a bundle raises alerts."""

from __future__ import annotations

from barograph.core.record_table import Records
from barograph.core.scoring_study import ScoringStudy
from barograph.engines.scoring.combining import served_answer
from barograph.engines.scoring.fit import Refit
from barograph.evaluate.records.clock import days_covered
from barograph.measures.alerts import budget_thresholds


def alert_threshold(refit: Refit, records: Records, study: ScoringStudy, champion: str) -> float | None:
    """What the budget of alerts allows on the days (in a stream, hours) held out by the refit.

    None where the study is not judged by its alerts, whose threshold is the training share of bads.
    """
    if study.evaluate.alerts is None:
        return None
    bench = refit.bench
    rows = bench.fold.calibration_rows
    figure = served_answer(bench, refit.fitted, refit.answers, study, champion)[bench.of(rows)]
    lowest = budget_thresholds(
        figure,
        [study.evaluate.alerts.cards_per_day],
        n_days=days_covered(records.time[rows]) if records.has_time else 1.0,
        weight=None if records.weight is None else records.weight[rows],
    )[0]
    return float(min(lowest, figure.max(), 1.0))
