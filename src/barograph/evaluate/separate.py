"""Figures of the shipped model on a separate test file, each with its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.results import SeparateFigure
from barograph.measures.classification import brier, log_loss
from barograph.measures.credit.delong import delong_interval
from barograph.measures.credit.discrimination import auc, average_precision
from barograph.measures.resampling import resampled_interval

BLOCKS_OF_HORIZON = 2
"""Length of a block of origins in horizons."""
LEAST = 10
"""Outcomes below which a figure has no interval."""
Pair = Callable[[FloatArray, FloatArray], float]


def _both(measure: Pair) -> Pair:
    """A figure that needs records of both classes; NaN without."""
    return lambda label, figure: measure(label, figure) if 0.0 < label.mean() < 1.0 else float("nan")


CLASSES: Mapping[str, Pair] = {
    "auc": _both(lambda label, figure: float(auc(label, figure))),
    "average_precision": _both(lambda label, figure: float(average_precision(label, figure))),
    "brier": lambda label, figure: float(brier(label, figure)),
    "log_loss": lambda label, figure: float(log_loss(label, figure)),
    "predicted_mean": lambda label, figure: float(figure.mean()),
    "outcome_mean": lambda label, figure: float(label.mean()),
}
LOSSES: Mapping[str, Pair] = {
    "mae": lambda label, figure: float(np.abs(label - figure).mean()),
    "rmse": lambda label, figure: float(np.sqrt(np.square(label - figure).mean())),
    "predicted_mean": CLASSES["predicted_mean"],
    "outcome_mean": CLASSES["outcome_mean"],
}


def record_figures(
    label: FloatArray, figure: FloatArray, *, loss: bool, draws: int, stream: np.random.Generator
) -> tuple[SeparateFigure, ...]:
    """Figures of scored records whose outcome is known (NaN where it is not), by resampling records; AUC by
    DeLong's variance.

    Parameters
    ----------
    label : array [n]
        1 = bad, 0 = good, or a loss given default.
    figure : array [n]
        Probability of bad, or the loss said.
    loss : bool
        Whether they are losses.
    draws : int
        Resamples.
    stream : numpy.random.Generator
    """
    known = np.isfinite(label) & np.isfinite(figure)
    label, figure = label[known], figure[known]
    n = int(label.size)
    if not n:
        return ()
    found = []
    for metric, measure in (LOSSES if loss else CLASSES).items():

        def drawn(rows: IntArray, measure: Pair = measure) -> float:
            return measure(label[rows], figure[rows])

        ends = (float("nan"), float("nan"))
        if metric == "auc" and n >= LEAST:
            ends = delong_interval(label, figure)
        elif n >= LEAST:
            ends = resampled_interval(drawn, n, generator=stream, draws=draws)
        found.append(_figure(metric, measure(label, figure), ends, n))
    return tuple(found)


def panel_figures(
    errors: Mapping[str, FloatArray],
    inside: FloatArray,
    *,
    horizon: int,
    draws: int,
    stream: np.random.Generator,
) -> tuple[SeparateFigure, ...]:
    """Figures of forecasts at one horizon over all series, by resampling blocks of origins.

    Parameters
    ----------
    errors : mapping
        `model` and `last` (the newest known value as the forecast) -> array [n_origins, n_series], NaN where
        the outcome is not known.
    inside : array [n_origins, n_series]
        1 where the central 80 % interval held the outcome, NaN where it is not known.
    horizon : int
        Periods ahead.
    draws : int
        Resamples.
    stream : numpy.random.Generator
    """
    known = np.isfinite(errors["model"]) & np.isfinite(errors["last"])
    rows = known.any(axis=1)
    n = int(known.sum())
    if not n:
        return ()
    model, last = (np.where(known, errors[side], np.nan)[rows] for side in ("model", "last"))
    held, block = inside[rows], BLOCKS_OF_HORIZON * horizon
    enough = int(rows.sum()) >= LEAST

    def resampled(measure: Callable[[IntArray], float]) -> tuple[float, float]:
        if not enough:
            return float("nan"), float("nan")
        return resampled_interval(measure, model.shape[0], generator=stream, block=block, draws=draws)

    def error(rows: IntArray) -> float:
        return float(np.sqrt(np.nanmean(np.square(model[rows]))))

    def share(rows: IntArray) -> float:
        return float(np.nanmean(held[rows]))

    def ratio(rows: IntArray) -> float:
        below = float(np.sqrt(np.nanmean(np.square(last[rows]))))
        return error(rows) / below if below > 0.0 else float("nan")

    every = np.arange(model.shape[0])
    named = {"rmse": error, "ratio_to_last": ratio, "coverage_80": share}
    return tuple(
        _figure(name, measure(every), resampled(measure), n, horizon) for name, measure in named.items()
    )


def _figure(metric: str, value: float, ends: tuple[float, float], n: int, horizon: int = 0) -> SeparateFigure:
    said, lower, upper = (float(one) if np.isfinite(one) else None for one in (value, *ends))
    return SeparateFigure(metric, said, lower, upper, n, horizon)
