"""ECOD: how far in the tails of its columns a record lies."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.fitted_anomaly import EcodParameters
from barograph.measures.anomaly.inputs import ROWS_AT_ONCE, finite_matrix
from barograph.measures.anomaly.order import places


def ecod_score(fitted: EcodParameters, matrix: AnyArray) -> FloatArray:
    """Largest of three sums of negative log tail probabilities, [n], not negative.

    Li, Zhao, Hu, Botta, Ionescu and Chen (2022), "ECOD: unsupervised outlier detection using empirical
    cumulative distribution functions", algorithm 1: per column the shares of training values at most, and at
    least, x; summed over the columns for the left tails, for the right tails, and for the tail on the side of
    each column's skewness (left where negative).

    The paper scores its own training rows. For other rows, a value beyond all training counts as half a
    training row. Where training had more rows than `EcodParameters.knots`, shares are those of the nearest
    kept order statistic inwards from each tail (see `order.tail_ranks`).
    """
    values = finite_matrix(matrix, fitted.knots.shape[1])
    moves = fitted.knots[0] < fitted.knots[-1]
    leftward = fitted.skewness < 0.0
    at_most = -np.log(np.concatenate([[0.5], fitted.ranks]) / fitted.n_rows)
    at_least = -np.log(np.concatenate([fitted.n_rows + 1 - fitted.ranks, [0.5]]) / fitted.n_rows)
    score = np.empty(values.shape[0])
    for since in range(0, values.shape[0], ROWS_AT_ONCE):
        some = values[since : since + ROWS_AT_ONCE]
        left = np.where(moves, at_most[places(some, fitted.knots, counting_equal=True)], 0.0)
        right = np.where(moves, at_least[places(some, fitted.knots, counting_equal=False)], 0.0)
        sums = [one.sum(axis=1) for one in (left, right, np.where(leftward, left, right))]
        score[since : since + ROWS_AT_ONCE] = np.max(sums, axis=0)
    return score


def skewness(matrix: FloatArray) -> FloatArray:
    """Third central moment over the 3/2 power of the variance (divisor n - 1), per column; 0 if constant."""
    centred = matrix - matrix.mean(axis=0)
    moves = np.ptp(matrix, axis=0) > 0.0
    variance = np.where(moves, np.sum(centred**2, axis=0) / max(matrix.shape[0] - 1, 1), 1.0)
    return np.where(moves, np.mean(centred**3, axis=0) / variance**1.5, 0.0)
