"""Distance to the k-th nearest of a bounded set of rows."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.fitted_anomaly import NeighbourParameters
from barograph.measures.anomaly.inputs import normal_scores

DISTANCES_AT_ONCE = 500_000
"""Distances held in memory at a time."""


def neighbour_distance(points: FloatArray, reference: FloatArray, neighbour: int) -> FloatArray:
    """Euclidean distance of each point to its k-th nearest reference row, [n].

    Computed as ``|a|² + |b|² - 2 a·b``, whose rounding makes the distance of equal rows up to 1e-7 times
    their length rather than zero. With fewer than k reference rows the farthest counts.

    Parameters
    ----------
    points : FloatArray [n, L]
    reference : FloatArray [R, L]
        At least one row.
    neighbour : int
        k, from 1.

    Examples
    --------
    >>> neighbour_distance(np.array([[0.0]]), np.array([[1.0], [-3.0], [4.0]]), 2).tolist()
    [3.0]
    """
    place = min(neighbour, reference.shape[0]) - 1
    length = np.einsum("ij,ij->i", reference, reference)
    turned = -2.0 * reference.T
    result = np.empty(points.shape[0])
    step = max(1, DISTANCES_AT_ONCE // reference.shape[0])
    for since in range(0, points.shape[0], step):
        some = points[since : since + step]
        squares = some @ turned
        squares += length
        squares.partition(place, axis=1)
        result[since : since + step] = squares[:, place] + np.einsum("ij,ij->i", some, some)
    return np.asarray(np.sqrt(np.maximum(result, 0.0)))


def neighbour_score(fitted: NeighbourParameters, matrix: AnyArray) -> FloatArray:
    """Distance to the k-th neighbour among the reference rows (Ramaswamy, Rastogi and Shim 2000), [n].

    Measured between normal scores, so that every column counts alike; the reference is a sample of the
    training rows, which ranks outliers as well as all of them would (Sugiyama and Borgwardt 2013).
    """
    return neighbour_distance(normal_scores(matrix, fitted.knots), fitted.reference, fitted.neighbour)
