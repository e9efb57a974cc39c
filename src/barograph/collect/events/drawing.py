"""Draws that several parts of the simulators share: weighted choices by row, amounts, distinct members."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray, IntArray

SMALLEST = 0.01
"""The least amount, in money units."""
JUST_BELOW_ONE = 1.0 - 2.0**-30


def cumulated(weights: FloatArray) -> FloatArray:
    """[rows, k] weights -> their cumulative shares along the last axis, ending at 1."""
    sums = np.cumsum(weights, axis=-1)
    shares: FloatArray = sums / sums[..., -1:]
    return shares


def pick(rng: np.random.Generator, shares: FloatArray, n: int) -> IntArray:
    """[n] places drawn by the cumulative shares [k]."""
    return np.searchsorted(shares, rng.random(n) * JUST_BELOW_ONE, side="right")


def pick_by_row(rng: np.random.Generator, shares: FloatArray, rows: IntArray) -> IntArray:
    """For each row asked for, a place drawn by that row's cumulative shares.

    One binary search over all rows laid end to end, row r holding the values r … r + 1.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the draws come from.
    shares : ndarray [n_rows, k]
        From `cumulated`.
    rows : ndarray [n]
        Row of each draw.

    Returns
    -------
    ndarray [n]
        0 … k - 1.
    """
    flat = (shares + np.arange(shares.shape[0])[:, None]).ravel()
    drawn = rng.random(rows.shape[0]) * JUST_BELOW_ONE + rows
    place: IntArray = np.searchsorted(flat, drawn, side="right") - rows * shares.shape[1]
    return place


def distinct(rng: np.random.Generator, shares: FloatArray, rows: int, members: int) -> IntArray:
    """[rows, members] places drawn by the cumulative shares, none twice in a row: repeats are drawn again."""
    drawn = pick(rng, shares, rows * members).reshape(rows, members)
    while True:
        order = np.argsort(drawn, axis=1, kind="stable")
        ordered = np.take_along_axis(drawn, order, axis=1)
        again = np.zeros(drawn.shape, dtype=bool)
        np.put_along_axis(again, order[:, 1:], ordered[:, 1:] == ordered[:, :-1], axis=1)
        if not again.any():
            return drawn
        drawn[again] = pick(rng, shares, int(again.sum()))


def heavy(rng: np.random.Generator, n: int, exponent: float) -> FloatArray:
    """[n] sizes of at least 1 with a Pareto tail of this exponent."""
    return 1.0 + rng.pareto(exponent, n)


def lognormal(
    rng: np.random.Generator, median: FloatArray | float, sigma: FloatArray | float, n: int
) -> FloatArray:
    """[n] lognormal draws around medians."""
    draws: FloatArray = median * np.exp(sigma * rng.standard_normal(n))
    return draws


def money(amounts: FloatArray) -> FloatArray:
    """Amounts in whole hundredths, at least one."""
    return np.maximum(np.round(amounts, 2), SMALLEST)
