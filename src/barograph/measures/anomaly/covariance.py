"""Shrunk covariance and Mahalanobis distance."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray

LEAST_EIGENVALUE = 1e-8
"""Smallest eigenvalue that counts, as a share of their mean."""


def ledoit_wolf(values: FloatArray) -> tuple[FloatArray, float]:
    """Covariance shrunk towards a multiple of the identity, and the share of that target.

    Ledoit and Wolf (2004), "A well-conditioned estimator for large-dimensional covariance matrices", section
    3.2: with S the covariance of the p centred columns (divisor n), ``m = tr S / p``,
    ``d² = ‖S - m I‖² / p`` and ``b² = min(d², Σ_k ‖x_k x_k' - S‖² / (n² p))``, the estimate is
    ``(b² / d²) m I + (1 - b² / d²) S``.

    Parameters
    ----------
    values : FloatArray [n, p]
        Finite, n at least 1.

    Returns
    -------
    FloatArray [p, p], float in [0, 1]

    Examples
    --------
    >>> matrix, share = ledoit_wolf(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 3.0], [0.0, -3.0]]))
    >>> matrix.tolist(), round(share, 4)
    ([[1.78125, 0.0], [0.0, 3.21875]], 0.6406)
    """
    n_rows, n_columns = values.shape
    centred = values - values.mean(axis=0)
    sample = centred.T @ centred / n_rows
    mean = float(np.trace(sample)) / n_columns
    target = mean * np.eye(n_columns)
    spread = float(np.sum((sample - target) ** 2)) / n_columns
    fourth = float(np.sum(np.sum(centred**2, axis=1) ** 2))
    error = (fourth / n_rows - float(np.sum(sample**2))) / (n_rows * n_columns)
    share = min(max(error, 0.0), spread) / spread if spread > 0.0 else 0.0
    return share * target + (1.0 - share) * sample, share


def whitening(covariance: FloatArray) -> FloatArray:
    """A matrix W with ``W' covariance W = I``, [p, p]; zero where nothing varies at all.

    Eigenvalues count as `LEAST_EIGENVALUE` times their mean at least.
    """
    eigenvalues, vectors = np.linalg.eigh(covariance)
    least = LEAST_EIGENVALUE * float(eigenvalues.mean())
    if not least > 0.0:
        return np.zeros(covariance.shape)
    return np.asarray(vectors / np.sqrt(np.maximum(eigenvalues, least)))


def mahalanobis(values: FloatArray, center: FloatArray, root: FloatArray) -> FloatArray:
    """Distance ``sqrt((x - center)' covariance⁻¹ (x - center))`` (Mahalanobis 1936), [n].

    Parameters
    ----------
    values : FloatArray [n, p]
    center : FloatArray [p]
    root : FloatArray [p, p]
        Of `whitening`.

    Examples
    --------
    >>> mahalanobis(np.array([[2.0, 3.0]]), np.zeros(2), whitening(np.diag([4.0, 9.0]))).round(6).tolist()
    [1.414214]
    """
    return np.asarray(np.linalg.norm((values - center) @ root, axis=1))
