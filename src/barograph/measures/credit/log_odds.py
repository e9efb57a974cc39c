"""Log-odds of a probability and back, with the one pair of limits that every map of probabilities uses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from barograph.core.arrays import FloatArray

SMALLEST = 1e-6
"""Probabilities are kept within [SMALLEST, 1 - SMALLEST]: log-odds within ± 13.8."""


def clipped(p: npt.ArrayLike) -> FloatArray:
    """Probabilities within the limits; NaN stays NaN."""
    return np.clip(np.asarray(p, dtype=np.float64), SMALLEST, 1.0 - SMALLEST)


def logit(p: npt.ArrayLike) -> FloatArray:
    """``ln(p / (1 - p))`` of probabilities brought within the limits; NaN stays NaN.

    Examples
    --------
    >>> logit([0.5]).tolist()
    [0.0]
    """
    return np.asarray(special.logit(clipped(p)), dtype=np.float64)


def sigmoid(z: npt.ArrayLike) -> FloatArray:
    """``1 / (1 + exp(-z))`` brought within the limits: the inverse of `logit` between them."""
    return clipped(special.expit(np.asarray(z, dtype=np.float64)))
