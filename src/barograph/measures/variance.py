"""Variance forecasts of the conventional models: one function for history, one small state for live serving.

`log_variance` forecasts from every row of a history at once. `start`, `advance` and `forecast` do the same
one day at a time: a `VarianceState` holds all that a model needs to remember. Both go through the same
formulas, so a bundle answers what the evaluation scored.

A row with a NaN return (HAR: a NaN proxy) is no news: forecast and state stay as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, SettingError, unknown
from barograph.core.fitted import (
    EwmaParameters,
    FittedValue,
    GarchParameters,
    HarParameters,
    HistoricalParameters,
)
from barograph.measures import garch
from barograph.measures.moving_variance import HAR_DAYS, ewma_update, ewma_variances, har_means, moving_mean

VARIANCE_KINDS = (GarchParameters.kind, EwmaParameters.kind, HarParameters.kind, HistoricalParameters.kind)
"""Kinds of fitted value that forecast a variance."""

SMALLEST_DAILY_VARIANCE = 1e-12
"""Floor of a daily variance, decimals squared (1e-4 percent a day): a halted series has no logarithm."""

_PERCENT_SQUARED = garch.PERCENT**2


@dataclass(frozen=True, slots=True, eq=False)
class VarianceState:
    """A fitted variance model and what it remembers of the days so far.

    `memory` is one number for a recursion (GARCH: percent squared; EWMA: decimals squared), the last 22
    proxies for HAR, the last `window` squared returns for historical simulation.
    """

    fitted: FittedValue
    memory: FloatArray  # [k]


def log_variance(
    fitted: FittedValue, returns: FloatArray, proxy: FloatArray, horizons: Sequence[int]
) -> FloatArray:
    """Log of the forecast of the sum of squared daily returns over the next h days, from every row.

    Parameters
    ----------
    fitted : FittedValue
        Of one of `VARIANCE_KINDS`.
    returns : array [n_days]
        Log returns of one entity, decimals, from the day its history begins.
    proxy : array [n_days]
        Daily variance proxy, decimals squared; only HAR reads it.
    horizons : sequence of int
        Days ahead; for HAR those it was fitted for.

    Returns
    -------
    array [n_days, n_horizons]
        Row i uses rows 0 … i and no later one; HAR and historical simulation are NaN until a row is known.

    Notes
    -----
    GARCH: sum of expected variances plus ``h μ²``, for the target is a sum of squared returns, not of
    squared surprises. EWMA and historical simulation: h times the daily variance. HAR: its regression for
    that horizon, held between `floor` and `cap`.
    """
    _check(fitted, returns, proxy, horizons)
    return _log_forecast(fitted, _summaries(fitted, returns, proxy), horizons)


def start(fitted: FittedValue, returns: FloatArray, proxy: FloatArray) -> VarianceState:
    """The state after a history (which may be empty); arguments as in `log_variance`."""
    if isinstance(fitted, GarchParameters):
        path = np.append(garch.start_variance(fitted), garch.next_variances(fitted, returns))
        return VarianceState(fitted, path[-1:])
    if isinstance(fitted, EwmaParameters):
        return VarianceState(fitted, np.append(fitted.initial, ewma_variances(fitted, returns))[-1:])
    if isinstance(fitted, HarParameters):
        return VarianceState(fitted, proxy[np.isfinite(proxy)][-HAR_DAYS[-1] :])
    if isinstance(fitted, HistoricalParameters):
        return VarianceState(fitted, returns[np.isfinite(returns)][-fitted.window :] ** 2)
    raise unknown("the kind of a variance model", fitted.kind, VARIANCE_KINDS)


def advance(state: VarianceState, value: float, proxy: float) -> VarianceState:
    """The state after one more day.

    Parameters
    ----------
    state : VarianceState
    value : float
        The day's log return, decimal.
    proxy : float
        The day's variance proxy, decimals squared.
    """
    fitted, memory = state.fitted, state.memory
    if isinstance(fitted, GarchParameters):
        return VarianceState(fitted, np.array([garch.step(fitted, float(memory[0]), value)]))
    if isinstance(fitted, EwmaParameters):
        return VarianceState(fitted, np.array([ewma_update(fitted.decay, float(memory[0]), value)]))
    if isinstance(fitted, HarParameters):
        return VarianceState(fitted, _pushed(memory, proxy, HAR_DAYS[-1]))
    if isinstance(fitted, HistoricalParameters):
        return VarianceState(fitted, _pushed(memory, value * value, fitted.window))
    raise unknown("the kind of a variance model", fitted.kind, VARIANCE_KINDS)


def forecast(state: VarianceState, horizons: Sequence[int]) -> FloatArray:
    """`log_variance` of the next h days as seen from a state, shape [n_horizons]."""
    fitted, memory = state.fitted, state.memory
    if isinstance(fitted, HarParameters):
        summary = har_means(memory)[-1:] if memory.size else np.full((1, len(HAR_DAYS)), np.nan)
    elif isinstance(fitted, HistoricalParameters):
        summary = np.array([[memory.mean() if memory.size else np.nan]])
    else:
        summary = memory[np.newaxis]
    return np.asarray(_log_forecast(fitted, summary, horizons)[0])


def _summaries(fitted: FittedValue, returns: FloatArray, proxy: FloatArray) -> FloatArray:
    """What a forecast from each row is made of, [n_days, k]: one variance, or HAR's three means."""
    if isinstance(fitted, GarchParameters):
        return garch.next_variances(fitted, returns)[:, np.newaxis]
    if isinstance(fitted, EwmaParameters):
        return ewma_variances(fitted, returns)[:, np.newaxis]
    if isinstance(fitted, HarParameters):
        return har_means(proxy)
    if isinstance(fitted, HistoricalParameters):
        return moving_mean(returns**2, fitted.window)[:, np.newaxis]
    raise unknown("the kind of a variance model", fitted.kind, VARIANCE_KINDS)


def _log_forecast(fitted: FittedValue, summary: FloatArray, horizons: Sequence[int]) -> FloatArray:
    """Log variance over each horizon, [n, n_horizons], from the summaries [n, k]."""
    days = np.asarray(horizons, dtype=np.float64)
    if isinstance(fitted, GarchParameters):
        total = garch.multi_step(fitted, summary[:, 0], horizons) + days * fitted.mean**2
        forecasts = total / _PERCENT_SQUARED
    elif isinstance(fitted, HarParameters):
        line = fitted.coefficients[:, 0] + summary @ fitted.coefficients[:, 1:].T
        forecasts = np.clip(line, fitted.floor, fitted.cap)
    else:
        forecasts = summary * days
    return np.asarray(np.log(np.maximum(forecasts, SMALLEST_DAILY_VARIANCE * days)))


def _pushed(memory: FloatArray, value: float, limit: int) -> FloatArray:
    """Memory with one more value at its end, the oldest forgotten beyond `limit`; a NaN changes nothing."""
    return np.append(memory, value)[-limit:] if np.isfinite(value) else memory


def _check(fitted: FittedValue, returns: FloatArray, proxy: FloatArray, horizons: Sequence[int]) -> None:
    if returns.shape != proxy.shape or returns.ndim != 1:
        raise DataError(
            "returns and variance proxy must be two columns of one length",
            came=f"got shapes {returns.shape} and {proxy.shape}",
            do="Pass the rows of one entity",
        )
    if isinstance(fitted, HarParameters) and fitted.floor.shape[0] != len(horizons):
        raise SettingError(
            "HAR forecasts the horizons it was fitted for",
            came=f"it was fitted for {fitted.floor.shape[0]}, asked for {len(horizons)}",
            do="Refit it, or ask for the horizons of its study",
        )
