"""Is one model better over repeated cross-validation, whose training sets overlap?"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from barograph.core.errors import DataError
from barograph.core.results import TestResult
from barograph.measures.credit.checks import complete
from barograph.measures.credit.wald import wald


def corrected_repeated_cv(difference: npt.ArrayLike, *, test_share: float | None = None) -> TestResult:
    r"""Corrected t-test of the differences of r repetitions of k-fold cross-validation, two-sided.

    .. math:: t = \frac{\bar d}{\sqrt{\left(\frac{1}{rk} + \frac{q}{1 - q}\right) s^2}} \sim t_{rk - 1}

    with q the share of the records in a test fold. The plain t-test, without the second term, takes the
    folds for independent and rejects far too often.

    Parameters
    ----------
    difference : array_like [repeats, folds]
        Metric of the first model minus that of the second on each fold; the same folds for both.
    test_share : float, optional
        q; default 1 / folds.

    Returns
    -------
    TestResult
        `n_obs` counts folds. NaN, with a note, where there are fewer than two or they never differ.

    References
    ----------
    Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52; for repeated
    cross-validation Bouckaert and Frank (2004), Evaluating the replicability of significance tests for
    comparing learning algorithms, PAKDD.

    Examples
    --------
    >>> round(corrected_repeated_cv([[0.02, 0.01, 0.03], [0.01, 0.02, 0.02]]).statistic, 3)
    2.983
    """
    table = np.atleast_2d(np.asarray(difference, dtype=np.float64))
    values = complete("difference", table.ravel())
    share = 1.0 / table.shape[1] if test_share is None else test_share
    name, n = "corrected_repeated_cv", values.size
    if n < 2:
        return TestResult(name, math.nan, math.nan, n, "too few folds")
    if not 0.0 < share < 1.0:
        raise DataError(
            "the test share must lie strictly between 0 and 1",
            came=f"got {share:g}",
            do="Pass records in a test fold over all records",
        )
    variance = (1.0 / n + share / (1.0 - share)) * float(values.var(ddof=1))
    return wald(name, float(values.mean()), variance, n_obs=n, freedom=n - 1)[1]
