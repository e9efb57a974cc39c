"""Between the tenors of a curve: straight lines in the zero rate, flat beyond the ends.

One matrix serves for interpolation and for key rates: its columns are tents about the tenors, its rows add
up to one, so what is moved tenor by tenor adds up to what is moved in parallel.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError


def tents(time: npt.ArrayLike, tenors: npt.ArrayLike) -> FloatArray:
    """Weight of each tenor's rate in the rate at each time, [n_times, n_tenors]; every row adds up to one.

    Linear between neighbouring tenors, constant before the first and after the last. A curve ``z`` at its
    tenors is ``tents(time, tenors) @ z`` at the times.

    Source: Ho (1992), Key rate durations, Journal of Fixed Income 2 (the columns are his key-rate shifts).

    Raises
    ------
    DataError
        The tenors are not finite, above zero and ascending.

    Examples
    --------
    >>> tents([0.5, 1.5, 9.0], [1.0, 2.0]).tolist()
    [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    """
    nodes, at = checked_tenors(tenors), np.atleast_1d(np.asarray(time, np.float64))
    return np.stack([np.interp(at, nodes, row) for row in np.eye(nodes.size)], axis=-1)


def zero_at(zero: npt.ArrayLike, tenors: npt.ArrayLike, time: npt.ArrayLike) -> FloatArray:
    """Continuous zero rates at any times, [..., n_times], from those at the tenors, [..., n_tenors]."""
    return np.asarray(np.asarray(zero, np.float64) @ tents(time, tenors).T)


def checked_tenors(tenors: npt.ArrayLike) -> FloatArray:
    """Tenors as an ascending array of years [n_tenors]."""
    nodes = np.atleast_1d(np.asarray(tenors, np.float64))
    if nodes.ndim != 1 or not np.isfinite(nodes).all() or nodes[0] <= 0.0 or np.any(np.diff(nodes) <= 0.0):
        raise DataError(
            "the tenors of a curve must be years above zero, ascending",
            came=f"got {np.array2string(nodes, threshold=12)}",
            do="Sort them, and give each once",
        )
    return nodes
