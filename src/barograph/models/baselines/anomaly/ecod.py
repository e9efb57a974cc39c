"""ECOD: the empirical distribution of every column (Li et al. 2022)."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted_anomaly import EcodParameters
from barograph.measures.anomaly.inputs import finite_matrix
from barograph.measures.anomaly.order import tail_ranks
from barograph.measures.anomaly.tails import skewness

MOST_KNOTS = 4000
"""Order statistics kept per column; with a million rows tail probabilities err by 0.7 % at most."""


def fit_ecod(matrix: FloatArray, *, most_knots: int = MOST_KNOTS) -> EcodParameters:
    """Keep each column's order statistics and skewness (see `measures.anomaly.tails`).

    Parameters
    ----------
    matrix : array [n, F]
        Finite, n at least 2.
    most_knots : int
        With as many rows or fewer the distribution is kept exactly.
    """
    values = finite_matrix(matrix, least_rows=2)
    ranks = tail_ranks(values.shape[0], most=most_knots)
    knots = np.sort(values, axis=0)[ranks - 1]
    return EcodParameters(knots, ranks.astype(np.float64), values.shape[0], skewness(values))
