"""Levels and their changes: differencing, the anchors of forecasts, and paths put together again."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray, IntArray


def published(values: FloatArray, delays: IntArray) -> FloatArray:
    """Values ``[T, E]`` in the row at whose end they are published: `delays` rows after their own.

    Examples
    --------
    >>> published(np.array([[1.0], [2.0]]), np.array([1])).ravel().tolist()
    [nan, 1.0]
    """
    n = values.shape[0]
    out = np.full(values.shape, np.nan)
    for column, delay in enumerate(delays):
        out[delay:, column] = values[: max(n - int(delay), 0), column]
    return out


def newest(values: FloatArray, stale: int) -> FloatArray:
    """The newest value of each series up to each row.

    Parameters
    ----------
    values : array [T, E]
        Published values, NaN where nothing was published.
    stale : int
        A value stands in for missing ones after it for so many rows at most.

    Returns
    -------
    array [T, E]
        NaN where there is none, or only what is too old.

    Examples
    --------
    >>> newest(np.array([[1.0], [np.nan], [np.nan], [4.0]]), 1).ravel().tolist()
    [1.0, 1.0, nan, 4.0]
    """
    row = np.arange(values.shape[0])[:, None]
    last = np.maximum.accumulate(np.where(np.isfinite(values), row, -1), axis=0)
    filled = np.take_along_axis(values, np.maximum(last, 0), axis=0)
    return np.where((last >= 0) & (row - last <= stale), filled, np.nan)


def differenced(known: FloatArray, orders: FloatArray) -> FloatArray:
    """Each series differenced as often as its order says, ``[T, E]``; NaN in the first rows.

    Examples
    --------
    >>> differenced(np.array([[1.0, 1.0], [3.0, 3.0], [6.0, 6.0]]), np.array([0.0, 1.0])).tolist()
    [[1.0, nan], [3.0, 2.0], [6.0, 3.0]]
    """
    first = changes(known)
    second = changes(first)
    return np.where(orders == 0, known, np.where(orders == 1, first, second))


def changes(values: FloatArray) -> FloatArray:
    """Each row less the one before it, NaN in the first."""
    out = np.full(values.shape, np.nan)
    out[1:] = values[1:] - values[:-1]
    return out


def innovations(known: FloatArray, orders: FloatArray) -> FloatArray:
    """One-step errors of the anchors, ``[T, E]``: changes, or changes of changes for order 2."""
    return differenced(known, np.maximum(orders, 1.0))


def anchors(known: FloatArray, orders: FloatArray, steps: IntArray) -> FloatArray:
    """Where forecasts start, ``[n, E, H]``: the newest value; for order 2 it and its last change, repeated.

    Parameters
    ----------
    known : array [n, E]
        Newest known values, rows in order.
    orders : array [E]
    steps : array [E, H]
        Steps from the newest known value to the forecast one.
    """
    moved = np.where(orders == 2, np.nan_to_num(changes(known), nan=np.nan), 0.0)
    return np.asarray(known[:, :, None] + moved[:, :, None] * steps)


def spreads(steps: IntArray, orders: FloatArray) -> FloatArray:
    r"""Variance of outcome less anchor in units of the one-step variance, ``[E, H]``.

    k for independent changes; :math:`\sum_{j=1}^k j^2 = k(k+1)(2k+1)/6` where changes of changes are
    independent (order 2).
    """
    k = np.asarray(steps, dtype=np.float64)
    return np.where(orders[:, None] == 2, k * (k + 1.0) * (2.0 * k + 1.0) / 6.0, k)


def put_together(path: FloatArray, known: FloatArray, orders: FloatArray, steps: IntArray) -> FloatArray:
    """Values that many steps ahead from a forecast path of the differenced series.

    Parameters
    ----------
    path : array [n, S, E]
        Forecasts of the differenced series 1 … S steps after the newest known value.
    known : array [n, E]
        Newest known values, rows in order (for order 2 the row before is looked at).
    orders : array [E]
    steps : array [E, H]
        At most S.

    Returns
    -------
    array [n, E, H]
    """
    once = known[:, None] + np.cumsum(path, axis=1)
    growth = changes(known)[:, None] + np.cumsum(path, axis=1)
    twice = known[:, None] + np.cumsum(growth, axis=1)
    levels = np.where(orders == 0, path, np.where(orders == 1, once, twice))  # [n, S, E]
    picked = [levels[:, steps[:, h] - 1, np.arange(steps.shape[0])] for h in range(steps.shape[1])]
    return np.stack(picked, axis=2)
