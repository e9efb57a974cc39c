"""The score table of a level run: every candidate, figure and horizon."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.level_study import LevelStudy
from barograph.core.level_table import Gaussians, LevelRecord
from barograph.core.results import Score
from barograph.core.texts import text
from barograph.evaluate.levels.losses import COVERAGE, losses

FIGURES: dict[str, str] = {
    "crps": "crps",
    "log_score": "log_score",
    "mae": "absolute_error",
    "rmse": "squared_error",
    **{name: name for name in COVERAGE},
}
"""Figure -> the loss it is the mean of (of RMSE, its root)."""


def level_scores(record: LevelRecord, study: LevelStudy, *, lang: str = "en") -> list[Score]:
    """Every cell: model × figure × horizon, over all scored origins, networks with their spread over seeds.

    Candidates are compared on the same origins: those whose outcome is known. A cell whose model lacks a
    density at one of them is blank, with the reason.
    """
    return [
        _cell(record, model, figure, column, lang)
        for model in record.candidates
        for figure in FIGURES
        for column in range(len(study.prepare.horizons))
    ]


def mean_score(record: LevelRecord, forecast: Gaussians, figure: str, column: int) -> float:
    """One figure of one forecast at one horizon; NaN where nothing is known."""
    return _figure(losses(record, forecast, FIGURES[figure])[:, column], figure)


def _figure(loss: FloatArray, figure: str) -> float:
    known = loss[np.isfinite(loss)]
    if not known.size:
        return float("nan")
    return float(np.sqrt(known.mean()) if figure == "rmse" else known.mean())


def _cell(record: LevelRecord, model: str, figure: str, column: int, lang: str) -> Score:
    horizon = record.samples.horizons[column]
    loss = losses(record, record.forecasts[model], FIGURES[figure])[:, column]
    known = np.isfinite(record.samples.outcome[record.rows, column])
    if not known.any() or not np.isfinite(loss[known]).all():
        reason = "no_outcome" if not known.any() else "no_density"
        return Score(model, figure, None, horizon, note=text(f"levels.blank.{reason}", lang))
    sd = _spread(record, model, figure, column)
    return Score(model, figure, _figure(loss, figure), horizon, sd=sd)


def _spread(record: LevelRecord, model: str, figure: str, column: int) -> float | None:
    """Standard deviation of the figure over single seeds."""
    members = record.members.get(model)
    if members is None or members.mean.shape[0] < 2 * record.rows.size:
        return None
    seeds = np.split(np.arange(members.mean.shape[0]), members.mean.shape[0] // record.rows.size)
    return float(np.std([mean_score(record, members.take(rows), figure, column) for rows in seeds], ddof=1))
