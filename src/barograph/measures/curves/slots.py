"""The nineteen time buckets of the standardised framework.

Source: Basel Committee (April 2016), Interest rate risk in the banking book (d368), Annex 2, table 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray

MIDPOINTS = np.array(
    [
        0.0028, 0.0417, 0.1667, 0.375, 0.625, 0.875, 1.25, 1.75, 2.5, 3.5,
        4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 12.5, 17.5, 25.0,
    ]
)  # fmt: skip
"""Years at which the money of a bucket is taken to be paid."""

EDGES = np.array(
    [0.0028, 1 / 12, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 15.0, 20.0]
)
"""Upper ends of the buckets, included; the last has none, the first ends with its own midpoint."""


def slotted(times: npt.ArrayLike, amounts: npt.ArrayLike) -> FloatArray:
    """Cash flows added up by bucket, [19].

    Parameters
    ----------
    times, amounts : array_like [n_flows]
        Years and money.

    Examples
    --------
    >>> slotted([1.0, 1.2, 40.0], [5.0, 2.0, 1.0])[[5, 6, 18]].tolist()
    [5.0, 2.0, 1.0]
    """
    place = np.searchsorted(EDGES, np.asarray(times, np.float64), side="left")
    return np.bincount(place, np.asarray(amounts, np.float64), MIDPOINTS.size).astype(np.float64)
