"""Quantiles of standardised errors, weighted by age: what turns a mean and a deviation into a density."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.forecast import LEVELS

SHARED = 100.0
"""Errors of the group that a series' own scale is shrunk with."""
MOST = 20000
"""Errors looked at; more are thinned evenly."""


def error_tails(error: FloatArray, weight: FloatArray) -> FloatArray:
    """Quantiles of the standardised error of each series, symmetric about zero.

    The shape is that of all series together: the weighted quantiles of ``± |z| / k``, with k the weighted
    mean absolute error of a series over that of all, shrunk to one by `SHARED` errors.

    Parameters
    ----------
    error : array [n, E]
        Standardised errors known, NaN elsewhere.
    weight : array [n]
        Of each origin, above 0.

    Returns
    -------
    array [E, len(LEVELS)]
        Ascending. NaN where no error is known.
    """
    known = np.isfinite(error)
    if not known.any():
        return np.full((error.shape[1], len(LEVELS)), np.nan)
    size = np.where(known, np.abs(error), 0.0)
    weights = np.where(known, weight[:, None], 0.0)
    mean = float((size * weights).sum() / weights.sum())
    if mean <= 0.0:
        return np.zeros((error.shape[1], len(LEVELS)))
    count = weights.sum(axis=0) ** 2 / np.maximum((weights**2).sum(axis=0), 1e-300)
    own = (size * weights).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-300) / mean
    factor = np.maximum((count * own + SHARED) / (count + SHARED), 1e-3)
    shape = weighted_quantiles((size / factor)[known], weights[known], np.abs(2.0 * np.asarray(LEVELS) - 1.0))
    return np.asarray(factor[:, None] * np.sign(np.asarray(LEVELS) - 0.5) * shape)


def weighted_quantiles(values: FloatArray, weights: FloatArray, levels: FloatArray) -> FloatArray:
    """Quantiles by linear interpolation of the weighted distribution function at its steps' midpoints.

    Examples
    --------
    >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.ones(3), np.array([0.5])).tolist()
    [2.0]
    """
    if values.size > MOST:
        kept = np.linspace(0, values.size - 1, MOST).round().astype(np.int64)
        values, weights = values[kept], weights[kept]
    order = np.argsort(values, kind="stable")
    ordered, mass = values[order], weights[order]
    middle = (np.cumsum(mass) - 0.5 * mass) / mass.sum()
    return np.asarray(np.interp(levels, middle, ordered))
