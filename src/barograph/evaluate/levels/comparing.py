"""Differences in loss between candidates, tested with room for the overlap that a publication delay makes."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import BoolArray
from barograph.core.level_study import LevelStudy
from barograph.core.level_table import LevelRecord
from barograph.core.results import Comparison, Standing
from barograph.evaluate.levels.losses import blocks, losses
from barograph.measures.comparison.diebold_mariano import diebold_mariano
from barograph.measures.comparison.long_run import automatic_lags

SIZE = 0.05
METRICS = ("crps", "absolute_error")


def level_comparisons(record: LevelRecord, study: LevelStudy) -> list[Comparison]:
    """Every candidate against every baseline and the linear control, per horizon, block and metric."""
    opponents = (*record.baselines, record.controls[0])
    return [
        level_duel(record, model, opponent, metric, column, block=block, rows=rows)
        for block, rows in blocks(record, study).items()
        for metric in METRICS
        for column in range(len(record.samples.horizons))
        for model in record.candidates
        for opponent in opponents
        if model != opponent
    ]


def level_duel(
    record: LevelRecord,
    model: str,
    opponent: str,
    metric: str,
    column: int,
    *,
    block: str = "all",
    rows: BoolArray | None = None,
    size: float = SIZE,
) -> Comparison:
    """One model against another by the Diebold-Mariano test with the Harvey-Leybourne-Newbold correction.

    A forecast of period t + h made with outcomes known up to t - delay leaves errors that overlap over
    h + delay periods: the test counts with that horizon, and its Bartlett variance with lags for it.
    """
    samples = record.samples
    horizon = samples.horizons[column]
    chosen = np.ones(record.rows.size, dtype=bool) if rows is None else rows
    difference = (
        losses(record, record.forecasts[model], metric) - losses(record, record.forecasts[opponent], metric)
    )[chosen, column]
    known = difference[np.isfinite(difference)]
    overlap = max(1, horizon + samples.delay)
    test = diebold_mariano(
        known, horizon=overlap, lags=automatic_lags(known.size, horizon=overlap), kernel="bartlett"
    )
    mean = float(known.mean()) if known.size else float("nan")
    return Comparison(
        model, opponent, metric, horizon, "", mean, test, _standing(mean, test.p_value, size), block
    )


def _standing(difference: float, p_value: float, size: float) -> Standing:
    if not p_value < size:
        return "indistinguishable"
    return "better" if difference < 0.0 else "worse"
