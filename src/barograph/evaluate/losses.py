"""The loss of every scored row, by name of the loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.errors import unknown
from barograph.core.forecast import ALPHAS, LEVELS, Distribution, OutOfSample
from barograph.measures import scores

LossFunction = Callable[[Distribution, int, FloatArray, FloatArray], FloatArray]
"""(forecasts, column of the horizon, realised variance [n], realised return [n]) -> loss [n]."""


def _qlike(forecast: Distribution, column: int, target: FloatArray, target_return: FloatArray) -> FloatArray:
    return scores.qlike(target, forecast.variance[:, column])


def _mse(forecast: Distribution, column: int, target: FloatArray, target_return: FloatArray) -> FloatArray:
    return scores.squared_error(target, forecast.variance[:, column])


def _crps(forecast: Distribution, column: int, target: FloatArray, target_return: FloatArray) -> FloatArray:
    return scores.crps_from_quantiles(target_return, forecast.quantiles[:, column], LEVELS)


def _pinball(
    forecast: Distribution, column: int, target: FloatArray, target_return: FloatArray
) -> FloatArray:
    loss = scores.pinball(target_return[:, None], forecast.quantiles[:, column], np.asarray(LEVELS))
    return np.asarray(loss.mean(axis=1))


def _fz0(alpha: float) -> LossFunction:
    def loss(
        forecast: Distribution, column: int, target: FloatArray, target_return: FloatArray
    ) -> FloatArray:
        value_at_risk = forecast.value_at_risk(alpha)[:, column]
        shortfall = forecast.expected_shortfall(alpha)[:, column]
        return scores.fz0(target_return, value_at_risk, shortfall, alpha=alpha)

    return loss


LOSSES: Final[dict[str, LossFunction]] = {
    "qlike": _qlike,
    "mse": _mse,
    "crps": _crps,
    "pinball": _pinball,
    **{f"fz0_{100 * alpha:g}": _fz0(alpha) for alpha in ALPHAS},
}
"""Losses by name: of the variance (`qlike`, `mse`), of the whole distribution (`crps`, and `pinball`, the
mean over `LEVELS`), and of the lower tail (`fz0_1`, `fz0_2.5`: FZ0 at 1 % and 2.5 %)."""


def column_of(out: OutOfSample, horizon: int) -> int:
    """The column of a horizon; an unknown one is refused."""
    if horizon not in out.samples.horizons:
        raise unknown("a horizon", str(horizon), map(str, out.samples.horizons))
    return out.samples.horizons.index(horizon)


def known_rows(out: OutOfSample, horizon: int) -> BoolArray:
    """Whether the outcome of each scored row is known, [n_scored]."""
    column = column_of(out, horizon)
    target, target_return = out.samples.target[out.rows, column], out.samples.target_return[out.rows, column]
    return np.asarray(np.isfinite(target) & np.isfinite(target_return))


def losses(out: OutOfSample, model: str, metric: str, horizon: int) -> FloatArray:
    """The loss of one candidate on every scored row.

    Parameters
    ----------
    out : OutOfSample
        The walk-forward run.
    model : str
        A candidate: key of `out.distributions`.
    metric : str
        Key of `LOSSES`.
    horizon : int
        Trading days ahead, one of the samples' horizons.

    Returns
    -------
    FloatArray [n_scored]
        Smaller is better; NaN where the outcome is not known or the forecast is outside the loss's domain.

    Raises
    ------
    SettingError
        The model, metric or horizon is not known.
    """
    if model not in out.distributions:
        raise unknown("a model", model, out.distributions)
    if metric not in LOSSES:
        raise unknown("a metric", metric, LOSSES)
    column = column_of(out, horizon)
    target, target_return = out.samples.target[out.rows, column], out.samples.target_return[out.rows, column]
    loss = LOSSES[metric](out.distributions[model], column, target, target_return)
    return np.where(known_rows(out, horizon), loss, np.nan)
