"""The curvature of a logistic loss, kept from one fit to the next and computed block by block."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import LinAlgError, cho_factor
from scipy.special import expit

from barograph.core.arrays import FloatArray
from barograph.measures.credit.linear_predictor import blocks

ROWS = 8192
"""Rows of a block of single precision."""
_FLAT = 1e-10  # least weight of a row: where all are certain, the matrix keeps its rank


def transposed(features: npt.NDArray[Any], vector: FloatArray) -> FloatArray:
    """``features.T @ vector`` in double precision, [n_features]."""
    total = np.zeros(features.shape[1])
    for rows, block in blocks(features):
        total += vector[rows] @ block
    return total


class Curvature:
    """The matrix of second derivatives of a mean log loss, without the ridge.

    Newton's steps need only be near the right direction: a matrix from a near point serves as well, and so
    does one of single precision, where the features are. It is what costs most, so fits that follow one
    another on the same features hand it on.
    """

    def __init__(self) -> None:
        self._matrix: FloatArray | None = None

    def factor(
        self, features: npt.NDArray[Any], score: FloatArray, ridge: float, *, afresh: bool
    ) -> tuple[FloatArray, bool]:
        """Cholesky factor of the matrix with a ridge; computed at these log-odds if `afresh`, or at first."""
        if afresh or self._matrix is None:
            self._matrix = _matrix(features, score, single=features.dtype == np.float32)
        try:
            return _factor(self._matrix, ridge)
        except LinAlgError:  # repeated columns, and rounding larger than the ridge
            self._matrix = _matrix(features, score, single=False)
            return _factor(self._matrix, ridge)


def _factor(matrix: FloatArray, ridge: float) -> tuple[FloatArray, bool]:
    ridged = matrix.copy()
    ridged[np.arange(1, len(ridged)), np.arange(1, len(ridged))] += ridge
    factor: tuple[FloatArray, bool] = cho_factor(ridged)
    return factor


def _matrix(features: npt.NDArray[Any], score: FloatArray, *, single: bool) -> FloatArray:
    """``[1 x]' diag(p (1 - p) / n) [1 x]``, [1 + n_features, 1 + n_features]."""
    p = expit(score)
    weight = np.maximum(p * (1.0 - p), _FLAT) / score.size
    matrix = np.zeros((features.shape[1] + 1, features.shape[1] + 1))
    matrix[0, 0] = weight.sum()
    matrix[0, 1:] = matrix[1:, 0] = transposed(features, weight)
    kind = np.float32 if single else np.float64
    for start in range(0, features.shape[0], ROWS):
        rows = slice(start, start + ROWS)
        rooted = features[rows] * np.sqrt(weight[rows, np.newaxis]).astype(kind)
        matrix[1:, 1:] += rooted.T @ rooted
    return matrix
