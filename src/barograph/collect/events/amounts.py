"""Money as it is counted: in hundredths."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray

WHOLE = 2.0**53
"""From here on a float has no hundredths, and what is far beyond cannot be multiplied to find them."""


def hundredths(amounts: FloatArray) -> FloatArray:
    """Amounts in money units rounded to hundredths, half to even, [n]; huge ones as they are.

    Examples
    --------
    >>> hundredths(np.array([12.005, -0.126, 1.7e308])).tolist()
    [12.0, -0.13, 1.7e+308]
    """
    small = np.abs(amounts) < WHOLE
    return np.where(small, np.round(np.where(small, amounts, 0.0), 2), amounts)
