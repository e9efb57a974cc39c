"""Fewer points, honestly: a figure needs no more than its pixels, and its file should stay small."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from barograph.core.arrays import FloatArray, IntArray

MOST_POINTS = 1500
"""Points of a trace at most, unless a caller asks for fewer."""


def evenly(n: int, limit: int = MOST_POINTS) -> IntArray:
    """At most `limit` positions of `n`, evenly spaced, the first and the last among them.

    Examples
    --------
    >>> evenly(10, 4).tolist()
    [0, 3, 6, 9]
    """
    if n <= limit:
        return np.arange(n, dtype=np.int64)
    return np.unique(np.linspace(0, n - 1, limit).round().astype(np.int64))


def telling(values: FloatArray, limit: int = MOST_POINTS) -> IntArray:
    """At most `limit` positions: half of them evenly spaced, half the peaks between; ascending, each once.

    The even half shows the usual days, the peaks keep the extreme ones.
    """
    if values.size <= limit:
        return np.arange(values.size, dtype=np.int64)
    return np.union1d(evenly(values.size, limit // 2), peaks(values, limit - limit // 2))


def peaks(values: FloatArray, limit: int = MOST_POINTS) -> IntArray:
    """At most `limit` positions, the largest absolute value of each of as many consecutive buckets.

    A NaN never wins against a number. Unlike averaging this keeps every extreme day.

    Examples
    --------
    >>> peaks(np.array([0.0, -3.0, 1.0, 2.0]), 2).tolist()
    [1, 3]
    """
    if values.size <= limit:
        return np.arange(values.size, dtype=np.int64)
    size = np.where(np.isnan(values), -1.0, np.abs(values))
    edges = np.linspace(0, values.size, limit + 1).round().astype(np.int64)
    found = [start + int(np.argmax(size[start:stop])) for start, stop in pairwise(edges.tolist())]
    return np.asarray(found, dtype=np.int64)


def along(x: FloatArray, y: FloatArray, limit: int) -> IntArray:
    """At most `limit` positions of a monotone curve, evenly spaced along its length.

    Even positions would waste points where a curve is dense in data and flat on the screen.
    """
    if x.size <= limit:
        return np.arange(x.size, dtype=np.int64)
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    found = np.searchsorted(way, np.linspace(0.0, way[-1], limit))
    return np.unique(np.clip(np.concatenate([[0], found[1:-1], [x.size - 1]]), 0, x.size - 1))


def short(values: FloatArray) -> list[float | None]:
    """Four significant digits, NaN as a gap: what a screen can show, and a third of the bytes."""
    return [float(f"{v:.4g}") if np.isfinite(v) else None for v in np.asarray(values, dtype=float)]
