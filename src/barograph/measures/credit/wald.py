"""A difference over its standard error: interval and two-sided test."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.results import TestResult

Interval = tuple[float, float]


def wald(
    name: str,
    difference: float,
    variance: float,
    *,
    n_obs: int,
    freedom: float = math.inf,
    level: float = 0.95,
    note: str = "",
) -> tuple[Interval, TestResult]:
    """Interval about a difference, and the test that it is zero.

    Parameters
    ----------
    name : str
        Of the test.
    difference, variance : float
        Estimate and the variance of the estimate.
    n_obs : int
        Records behind it.
    freedom : float
        Degrees of freedom of Student's t; infinite = normal.
    level : float
        Of the interval.
    note : str
        Kept with the result.

    Returns
    -------
    interval : (float, float)
    TestResult
        NaN, with a note, where the variance is NaN or nothing but rounding.
    """
    if not variance > (1e-13 * max(1.0, abs(difference))) ** 2:
        why = "too few records" if math.isnan(difference + variance) else "the difference never varies"
        reason = "; ".join(part for part in (why, note) if part)
        return (math.nan, math.nan), TestResult(name, math.nan, math.nan, n_obs, reason)
    error = math.sqrt(variance)
    statistic = difference / error
    tail = -abs(statistic)
    normal = math.isinf(freedom)
    p_value = 2.0 * float(ndtr(tail) if normal else stdtr(freedom, tail))
    upper = 0.5 + 0.5 * level
    reach = error * float(ndtri(upper) if normal else stdtrit(freedom, upper))
    interval = difference - reach, difference + reach
    return interval, TestResult(name, statistic, p_value, n_obs, note)


def clustered_covariance(influence: FloatArray, cluster: AnyArray | None) -> FloatArray:
    """Covariance of estimates from the influence of each record on them.

    Parameters
    ----------
    influence : FloatArray [m, n_obs]
        What each record adds to each estimate, scaled so that independent records' squares sum to the
        variance.
    cluster : array [n_obs] or None
        Records with the same value (one borrower, or one record scored in several repetitions) may depend on
        each other in any way; None: all are independent.

    Returns
    -------
    FloatArray [m, m]
    """
    if cluster is not None:
        code = np.unique(np.asarray(cluster), return_inverse=True)[1]
        influence = np.stack([np.bincount(code, weights=row) for row in influence])
    return np.asarray(influence @ influence.T)
