"""Moving statistics of one series, each row from a finite window of its own past.

All of them add lag by lag, in the same order for every row: a row's value depends on nothing but the values
in its window, to the last bit, wherever the series begins or ends. A recursion or a running total would not
give that. Rows are one entity's own trading days, oldest first; a row without a full window is NaN.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import SettingError


def rolling_means(values: FloatArray, windows: Sequence[int]) -> dict[int, FloatArray]:
    """Means over the last w rows, the row itself included, for several w in one pass.

    Formula: ``m_t(w) = (v_t + v_{t-1} + … + v_{t-w+1}) / w``, added in this order.

    Parameters
    ----------
    values : array [n_days]
    windows : sequence of int
        Numbers of rows, each at least 1.

    Returns
    -------
    dict of int to array [n_days]
        NaN in the first ``w - 1`` rows and where one of the w values is NaN. Units are those of `values`.

    Examples
    --------
    >>> means = rolling_means(np.array([1.0, 2.0, 6.0]), (1, 2))
    >>> means[2].tolist()
    [nan, 1.5, 4.0]
    """
    _check_windows(windows)
    total = np.zeros(values.shape[0])
    means: dict[int, FloatArray] = {}
    for lag, moved in enumerate(_lags(values, max(windows))):
        total += moved
        if lag + 1 in windows:
            means[lag + 1] = total / (lag + 1)
    return means


def weighted_mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted mean of the last rows, ``Σ_k w_k v_{t-k} / Σ_k w_k``, lag 0 first.

    Parameters
    ----------
    values : array [n_days]
    weights : array [window]
        Weight of each lag, not negative and not all zero; they need not sum to one.

    Returns
    -------
    array [n_days]
        NaN in the first ``window - 1`` rows and where one of the values is NaN.

    Examples
    --------
    >>> weighted_mean(np.array([1.0, 2.0, 6.0]), np.array([3.0, 1.0])).tolist()
    [nan, 1.75, 5.0]
    """
    shares = np.asarray(weights, dtype=np.float64) / float(np.sum(weights))
    total = np.zeros(values.shape[0])
    for share, moved in zip(shares.tolist(), _lags(values, shares.shape[0]), strict=True):
        total += share * moved
    return total


def exponential_weights(decay: float, window: int) -> FloatArray:
    """Weights ``λ^k`` of lags k = 0 … window − 1: exponential smoothing cut off after `window` rows.

    At λ = 0.94 and 250 rows the part cut off weighs 2e-7 of the whole.

    Examples
    --------
    >>> exponential_weights(0.5, 3).tolist()
    [1.0, 0.5, 0.25]
    """
    return np.asarray(decay ** np.arange(window, dtype=np.float64))


def semivariances(returns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The day's squared return as it counts for falls and for rises: ``r² 1{r < 0}`` and ``r² 1{r > 0}``.

    Source: Barndorff-Nielsen, Kinnebrock and Shephard (2010), "Measuring downside risk: realised
    semivariance", here at daily frequency. The two add up to r²; NaN stays NaN.

    Parameters
    ----------
    returns : array [n_days]
        Decimals.

    Returns
    -------
    (array [n_days], array [n_days])
        Downward and upward, decimals squared.

    Examples
    --------
    >>> down, up = semivariances(np.array([-0.5, 0.25]))
    >>> down.tolist(), up.tolist()
    ([0.25, 0.0], [0.0, 0.0625])
    """
    return np.square(np.minimum(returns, 0.0)), np.square(np.maximum(returns, 0.0))


def median_of_known(values: FloatArray) -> FloatArray:
    """Median of each row's finite values; NaN where a row has none.

    Parameters
    ----------
    values : array [n_days, n_series]

    Returns
    -------
    array [n_days]
        With an even number of values, the mean of the two in the middle.

    Examples
    --------
    >>> median_of_known(np.array([[3.0, np.nan, 1.0], [np.nan, np.nan, np.nan]])).tolist()
    [2.0, nan]
    """
    ordered = np.sort(np.where(np.isfinite(values), values, np.nan), axis=1)  # NaN sorts last
    known = np.isfinite(ordered).sum(axis=1)
    rows = np.arange(values.shape[0])
    lower, upper = np.maximum(known - 1, 0) // 2, known // 2
    upper = np.minimum(upper, np.maximum(known - 1, 0))
    return np.asarray(0.5 * (ordered[rows, lower] + ordered[rows, upper]))


def _lags(values: FloatArray, count: int) -> Iterator[FloatArray]:
    """The series moved down by 0, 1, … count − 1 rows, NaN above."""
    n_days = values.shape[0]
    padded = np.concatenate([np.full(count, np.nan), np.asarray(values, dtype=np.float64)])
    for lag in range(count):
        yield padded[count - lag : count - lag + n_days]


def _check_windows(windows: Sequence[int]) -> None:
    if not windows or min(windows) < 1:
        raise SettingError(
            "windows must be one or more numbers of rows, each at least 1",
            came=f"got {tuple(windows)}",
            do="Give windows such as (5, 22)",
        )
