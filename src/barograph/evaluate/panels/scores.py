"""The score table of a panel: every candidate, figure and horizon, over all series and for each."""

from __future__ import annotations

import numpy as np

from barograph.core.panel_study import PanelStudy
from barograph.core.panel_table import PanelRecord
from barograph.core.results import Score
from barograph.core.texts import text
from barograph.evaluate.panels.losses import COVERAGE, losses

FIGURES: dict[str, str] = {
    "rmse": "squared_error",
    "mae": "absolute_error",
    "crps": "crps",
    **{name: name for name in COVERAGE},
}
"""Figure -> the loss it is the mean of (of RMSE, its root). On the work scale: rates in decimals."""


def panel_scores(record: PanelRecord, study: PanelStudy, *, lang: str = "en") -> list[Score]:
    """Every cell: model × figure × horizon × series, and entity "" for the mean over series.

    A model that forecast nothing of a series has a blank cell with the reason; its mean is over the others.
    """
    found = []
    for model in record.candidates:
        for figure, metric in FIGURES.items():
            for place, horizon in enumerate(record.samples.horizons):
                loss = losses(record, model, metric, place)
                values = {one.name: _mean(loss[:, e], figure) for e, one in enumerate(record.samples.series)}
                known = [value for value in values.values() if value is not None]
                mean = float(np.mean(known)) if known else None
                sd = _spread(record, model, place) if figure == "rmse" else None
                found.append(Score(model, figure, mean, horizon, sd=sd, note="" if known else _why(lang)))
                found += [
                    Score(model, figure, value, horizon, entity, note="" if value is not None else _why(lang))
                    for entity, value in values.items()
                ]
    return found


def _why(lang: str) -> str:
    return text("panels.blank", lang)


def _mean(loss: np.ndarray[tuple[int], np.dtype[np.float64]], figure: str) -> float | None:
    known = loss[np.isfinite(loss)]
    if not known.size:
        return None
    return float(np.sqrt(known.mean()) if figure == "rmse" else known.mean())


def _spread(record: PanelRecord, model: str, place: int) -> float | None:
    """Standard deviation over seeds of the mean RMSE over series."""
    members = record.members.get(model)
    if members is None or members.shape[0] < 2:
        return None
    came = record.outcome[:, :, place]
    hidden = ~np.isfinite(record.forecasts[model].mean[:, :, place])
    figures = []
    for seed in members[:, :, :, place]:
        square = np.where(hidden, np.nan, (came - seed) ** 2)
        known = np.isfinite(square)
        means = np.where(known, square, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        figures.append(float(np.sqrt(means[known.any(axis=0)]).mean()))
    return float(np.std(figures, ddof=1))
