"""Distance to the k-th neighbour (Ramaswamy, Rastogi and Shim 2000) in a sample of the training rows."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted_anomaly import NeighbourParameters
from barograph.core.seeds import generator
from barograph.measures.anomaly.inputs import finite_matrix, normal_knots, normal_scores

MOST_ROWS = 5000
"""Reference rows at most."""
NEIGHBOUR = 5
"""The neighbour whose distance counts."""


def fit_neighbours(
    matrix: FloatArray, *, seed: int, neighbour: int = NEIGHBOUR, most_rows: int = MOST_ROWS
) -> NeighbourParameters:
    """Keep a sample of the rows, drawn without replacement, as normal scores.

    Parameters
    ----------
    matrix : array [n, F]
        Finite, n at least 2.
    seed : int
        Decides the sample.
    neighbour : int
        Counted from 1. A row of the sample is its own nearest neighbour when it is scored itself.
    most_rows : int
        Rows of the sample at most.
    """
    values = finite_matrix(matrix, least_rows=2)
    knots = normal_knots(values)
    n_rows = values.shape[0]
    drawn = generator(seed, "neighbours").choice(n_rows, min(n_rows, most_rows), replace=False)
    return NeighbourParameters(knots, normal_scores(values[np.sort(drawn)], knots), neighbour)
