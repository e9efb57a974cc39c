"""Places chosen from a row of things."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import IntArray


def evenly(n: int, most: int) -> IntArray:
    """At most so many of the places 0 … n - 1, evenly spaced, first and last included, ascending.

    Parameters
    ----------
    n : int
        Places there are; none of none.
    most : int
        At least 1, which is the first place.
    """
    return np.linspace(0, n - 1, min(n, most)).round().astype(np.int64)
