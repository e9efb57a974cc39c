"""Principal component classifier (Shyu, Chen, Sarinnapakorn and Chang 2003)."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted_anomaly import PcaParameters
from barograph.measures.anomaly.inputs import normal_knots, normal_scores

MAJOR_SHARE = 0.5
"""Share of the variance that the major components carry together."""
MINOR_EIGENVALUE = 0.2
"""Components of the correlation matrix with smaller eigenvalues are minor."""
LEAST_EIGENVALUE = 1e-6
"""Eigenvalues count as this at least: columns that copy each other leave zeros."""


def fit_pca(matrix: FloatArray) -> PcaParameters:
    """Major and minor components of the scores' correlation matrix (see `measures.anomaly.components`).

    Parameters
    ----------
    matrix : array [n, F]
        Finite, n at least 2.
    """
    knots = normal_knots(matrix)
    values = normal_scores(matrix, knots)
    center, deviation = values.mean(axis=0), values.std(axis=0)
    moves = np.ptp(values, axis=0) > 0.0
    weight = np.where(moves, 1.0 / np.where(moves, deviation, 1.0), 0.0)
    standard = (values - center) * weight
    eigenvalues, vectors = np.linalg.eigh(standard.T @ standard / values.shape[0])
    eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]
    total = max(float(eigenvalues.sum()), LEAST_EIGENVALUE)
    before = (np.cumsum(eigenvalues) - eigenvalues) / total
    chosen = (before < MAJOR_SHARE) | (eigenvalues < MINOR_EIGENVALUE)
    directions = vectors[:, chosen] / np.sqrt(np.maximum(eigenvalues[chosen], LEAST_EIGENVALUE))
    return PcaParameters(knots, center, weight, directions)
