"""Rating grades: a master scale of geometric bands of PD, and the grade of a PD.

Basel Framework CRE36 asks for grades that part risk without too many borrowers in one; bands of equal ratio
are the usual master scale.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.fitted_records import GradeParameters
from barograph.measures.credit.log_odds import clipped

OUTER = 0.01
"""Share of training PDs below the scale's lower and above its upper end, in the outermost grades."""
LEAST_RATIO = 2.0
"""Least ratio of upper to lower end, so that a model that hardly parts borrowers still has a scale."""


def master_scale(pd_training: npt.ArrayLike, n: int) -> GradeParameters:
    """A scale of `n` grades whose bounds grow by one factor, between the 1 % and 99 % quantile of PDs.

    Parameters
    ----------
    pd_training : array_like [n_records]
        Calibrated PDs of training records, held out; NaN left out.
    n : int
        Grades, at least two; "1" is the best.

    Raises
    ------
    DataError
        If there is no PD or fewer than two grades are asked for.

    Examples
    --------
    >>> master_scale([0.01, 0.02, 0.04], 3).upper.round(4).tolist()
    [0.016, 0.0252, 1.0]
    """
    given = np.asarray(pd_training, dtype=np.float64)
    present = clipped(given[~np.isnan(given)])
    if n < 2 or not present.size:
        raise DataError(
            "a master scale needs PDs and at least two grades",
            came=f"got {present.size} PDs and {n} grades",
            do="Pass the training records' PDs",
        )
    low, high = np.quantile(present, [OUTER, 1.0 - OUTER])
    if high < LEAST_RATIO * low:
        middle = min(np.sqrt(low * high), 0.7)
        low, high = middle / np.sqrt(LEAST_RATIO), middle * np.sqrt(LEAST_RATIO)
    upper = np.append(np.geomspace(low, high, n + 1)[1:-1], 1.0)
    return GradeParameters(tuple(str(number + 1) for number in range(n)), upper)


def assign(parameters: GradeParameters, p: npt.ArrayLike) -> IntArray:
    """Index of the grade [...] whose band ``(upper[i - 1], upper[i]]`` holds the PD; 0 is the best.

    Raises
    ------
    DataError
        If a PD is missing or outside 0 … 1.
    """
    chance: FloatArray = np.asarray(p, dtype=np.float64)
    if not np.all((chance >= 0.0) & (chance <= 1.0)):
        raise DataError(
            "a grade needs a PD within 0 and 1",
            came="got a missing value or one outside",
            do="Leave out records without a PD",
        )
    return np.asarray(np.searchsorted(parameters.upper, chance, side="left"), dtype=np.int64)
