"""How unlike the training population a record is."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray


def reconstruction_score(error: FloatArray, scale: FloatArray) -> FloatArray:
    """Mean squared reconstruction error in units of each column's own, [n].

    Plain squared error would be ruled by the columns that are noisy for everybody; divided by their usual
    error (the diagonal of a Mahalanobis distance) each column counts by how unusual it is.

    Parameters
    ----------
    error : FloatArray [n, F]
        Value less reconstruction.
    scale : FloatArray [F]
        Root mean squared error in training, above zero; infinite leaves a column out.

    Examples
    --------
    >>> reconstruction_score(np.array([[1.0, 4.0]]), np.array([1.0, 2.0])).tolist()
    [2.5]
    """
    counted = np.isfinite(scale)
    if not counted.any():
        return np.zeros(error.shape[0])
    return np.asarray(np.mean((error[:, counted] / scale[counted]) ** 2, axis=1))


def rank_in(score: FloatArray, quantiles: FloatArray) -> FloatArray:
    """Share of the training population whose score is below, [n] in [0, 1], from equally spaced quantiles.

    Examples
    --------
    >>> rank_in(np.array([5.0, 20.0]), np.array([0.0, 10.0])).tolist()
    [0.5, 1.0]
    """
    return np.interp(score, quantiles, np.linspace(0.0, 1.0, quantiles.size))
