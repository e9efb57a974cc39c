"""Log returns of a price series, and sums over the rows before and after an origin.

All returns are decimals; rows are one entity's own trading days, oldest first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError


def log_returns(price: FloatArray) -> FloatArray:
    """Daily log returns, ``r_t = ln(P_t / P_{t-1})``.

    Parameters
    ----------
    price : array [n_days]
        Positive price levels; NaN where there is none.

    Returns
    -------
    array [n_days]
        Decimals. The first day is NaN, and so is each day that has a NaN price on it or the day before.

    Raises
    ------
    DataError
        Where a price is zero or negative: it has no logarithm.

    Examples
    --------
    >>> log_returns(np.array([100.0, 110.0, 99.0])).round(4).tolist()
    [nan, 0.0953, -0.1054]
    """
    values = np.asarray(price, dtype=np.float64)
    low = values[values <= 0]
    if low.size:
        raise DataError(
            "prices must be above zero",
            came=f"{low.size} of {values.size} are not (the first is {low[0]:g})",
            do="Remove those days, or model differences instead of log returns",
        )
    returns = np.full(values.shape, np.nan)
    returns[1:] = np.diff(np.log(values))
    return returns


def sums_ahead(values: FloatArray, horizons: Sequence[int]) -> FloatArray:
    """Sum of the next h rows, the row itself left out: ``S_{t,h} = v_{t+1} + … + v_{t+h}``.

    Of returns it is the h-day log return, of squared returns the target of a variance forecast.

    Parameters
    ----------
    values : array [n_days]
    horizons : sequence of int
        Numbers of rows, each at least 1.

    Returns
    -------
    array [n_days, n_horizons]
        NaN where fewer than h rows follow, or where one of them is NaN.

    Examples
    --------
    >>> sums_ahead(np.array([1.0, 2.0, 3.0, 4.0]), (1, 2)).tolist()
    [[2.0, 5.0], [3.0, 7.0], [4.0, nan], [nan, nan]]
    """
    sums = np.full((values.shape[0], len(horizons)), np.nan)
    for column, horizon in enumerate(horizons):
        behind = sums_behind(values, horizon)
        sums[: max(values.shape[0] - horizon, 0), column] = behind[horizon:]
    return sums


def sums_behind(values: FloatArray, horizon: int) -> FloatArray:
    """Sum of the last h rows, the row itself included: ``v_{t-h+1} + … + v_t``.

    Parameters
    ----------
    values : array [n_days]
    horizon : int
        Number of rows, at least 1.

    Returns
    -------
    array [n_days]
        NaN for the first ``h - 1`` rows, and where one of the h values is NaN.

    Notes
    -----
    Each window is summed afresh, so no running total carries rounding or an old value along.

    Examples
    --------
    >>> sums_behind(np.array([1.0, 2.0, 3.0]), 2).tolist()
    [nan, 3.0, 5.0]
    """
    if horizon < 1:
        raise DataError(
            "a horizon must be at least one day", came=f"got {horizon}", do="Give days ahead, such as 1"
        )
    sums = np.full(values.shape[0], np.nan)
    if values.shape[0] >= horizon:
        sums[horizon - 1 :] = sliding_window_view(np.asarray(values, dtype=np.float64), horizon).sum(axis=-1)
    return sums
