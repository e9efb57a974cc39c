"""Moving means of variance: exponentially weighted, over a window, and HAR's day, week and month.

Throughout, a NaN row is no news: it repeats the row before it and takes no place in a window. Rows before
the first known one are NaN (`ewma_variances`: the start value). Row i uses rows 0 … i and no later one.
"""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.fitted import EwmaParameters

HAR_DAYS = (1, 5, 22)
"""Lengths of HAR's means: a day, a trading week, a trading month."""


def ewma_update(decay: float, variance: float, value: float) -> float:
    """Tomorrow's variance from today's and today's return, ``λ σ² + (1 − λ) r²``.

    Parameters
    ----------
    decay : float
        λ, the weight of the past; RiskMetrics takes 0.94 for daily data.
    variance : float
        Today's variance, decimals squared.
    value : float
        Today's return, decimal. NaN is no news: the variance stays.

    Notes
    -----
    Source: J.P. Morgan and Reuters (1996), RiskMetrics Technical Document, 4th edition.

    Examples
    --------
    >>> round(ewma_update(0.9, 0.01**2, 0.02), 8)
    0.00013
    """
    if not math.isfinite(value):
        return variance
    return decay * variance + (1.0 - decay) * (value * value)


def ewma_variances(parameters: EwmaParameters, returns: FloatArray) -> FloatArray:
    """Variance forecast for the day after each row by `ewma_update`, started from `initial`.

    Parameters
    ----------
    parameters : EwmaParameters
    returns : array [n_days]
        Decimals, from the series' first day.

    Returns
    -------
    array [n_days]
        Decimals squared.
    """
    path = accumulate(
        np.asarray(returns, dtype=np.float64).tolist(),
        lambda variance, value: ewma_update(parameters.decay, variance, value),
        initial=parameters.initial,
    )
    return np.fromiter(path, dtype=np.float64, count=returns.shape[0] + 1)[1:]


def moving_mean(values: FloatArray, window: int) -> FloatArray:
    """Mean of the last `window` known values up to each row; of those there are while there are fewer.

    Parameters
    ----------
    values : array [n_days]
    window : int

    Returns
    -------
    array [n_days]
        Each window is summed afresh, so nothing from outside it lingers.

    Examples
    --------
    >>> moving_mean(np.array([1.0, 3.0, np.nan, 5.0]), 2).tolist()
    [1.0, 2.0, 2.0, 4.0]
    """
    known = np.isfinite(values)
    seen = np.asarray(values, dtype=np.float64)[known]
    means = np.empty(seen.shape[0])
    head = min(window - 1, seen.shape[0])
    means[:head] = np.cumsum(seen[:head]) / np.arange(1, head + 1)
    if seen.shape[0] >= window:
        means[head:] = sliding_window_view(seen, window).mean(axis=-1)
    return _repeated(means, known)


def har_means(proxy: FloatArray) -> FloatArray:
    """HAR's regressors: means of the variance proxy over the last `HAR_DAYS` days.

    The week contains the day, and the month both. Source: Corsi (2009), "A simple approximate long-memory
    model of realized volatility", Journal of Financial Econometrics 7.

    Parameters
    ----------
    proxy : array [n_days]
        Daily variance, decimals squared.

    Returns
    -------
    array [n_days, 3]
        Day, week, month.
    """
    return np.stack([moving_mean(proxy, days) for days in HAR_DAYS], axis=-1)


def _repeated(means: FloatArray, known: BoolArray) -> FloatArray:
    """Means of the known rows laid out over all rows, each repeated until the next known one."""
    last = np.cumsum(known) - 1
    padded = np.append(means, np.nan)  # row -1: nothing known yet
    return np.asarray(padded[last])
