"""Small searches: the peak of a function of one number, and an increasing function turned round."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from barograph.core.arrays import FloatArray

_FINER = 17  # points across the two cells around the best one, at every round
_ROUNDS = 9


def peak(function: Callable[[FloatArray], FloatArray], grid: FloatArray) -> float:
    """Where a function is largest: the best point of an ascending grid, refined round by round.

    Parameters
    ----------
    function : callable
        Takes points [n_points] and answers values [n_points]; NaN counts as the worst.
    grid : array [n_points]
        Fine enough to have one peak between neighbours of its best point; where that is an end of the grid,
        the end is the answer.
    """
    points, found = grid, float(grid[0])
    for _ in range(_ROUNDS):
        values = function(points)
        best = int(np.argmax(np.where(np.isnan(values), -np.inf, values)))
        found = float(points[best])
        around = points[[max(best - 1, 0), min(best + 1, points.size - 1)]]
        points = np.linspace(around[0], around[1], _FINER)
    return found


def inverse(
    function: Callable[[FloatArray], FloatArray], target: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Where an increasing function reaches its target, elementwise between two bounds, by bisection.

    Sixty-four halvings: to the last digits of the wider bound.
    """
    for _ in range(64):
        middle = 0.5 * (low + high)
        below = function(middle) < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return high
