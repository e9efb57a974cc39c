"""Proportion of failures: does the number of exceptions fit the tail probability?

Kupiec (1995), Techniques for Verifying the Accuracy of Risk Measurement Models, Journal of Derivatives 3.
"""

from __future__ import annotations

import numpy as np
from scipy.special import chdtri, xlog1py, xlogy

from barograph.core.results import TestResult
from barograph.measures.backtests.common import check_probability, chi_square, log_likelihood, undefined


def kupiec(n_exceptions: int, n_obs: int, *, alpha: float) -> TestResult:
    """Likelihood-ratio test of unconditional coverage, chi-square with one degree of freedom.

    ``LR = 2 [L(x / n) - L(alpha)]`` with ``L(q) = x ln q + (n - x) ln(1 - q)`` and ``0 ln 0 = 0``; all days
    count. Two-sided: too few exceptions reject as well.

    Parameters
    ----------
    n_exceptions, n_obs : int
        Exceptions and days.
    alpha : float
        Tail probability, 0.01 for a 99 % VaR.

    Returns
    -------
    TestResult
        NaN on an empty sample.

    Examples
    --------
    >>> round(kupiec(57, 1043, alpha=0.05).statistic, 5)
    0.46147
    """
    check_probability(alpha)
    if n_obs == 0:
        return undefined("kupiec", n_obs=0, note="no days")
    others = n_obs - n_exceptions
    observed = log_likelihood(n_exceptions, others, n_exceptions / n_obs)
    ratio = 2.0 * (observed - log_likelihood(n_exceptions, others, alpha))
    return chi_square("kupiec", ratio, degrees=1, n_obs=n_obs)


def kupiec_region(n_obs: int, *, alpha: float, confidence: float = 0.95) -> tuple[int, int]:
    """Bounds of the exceptions that `kupiec` does not reject: accepted when ``low < x < high``.

    ``low`` is -1 where zero exceptions are accepted, ``high`` is ``n_obs + 1`` where all are.

    Examples
    --------
    >>> kupiec_region(255, alpha=0.05)
    (6, 21)
    """
    check_probability(alpha)
    counts = np.arange(n_obs + 1, dtype=np.float64)
    share = counts / n_obs
    others = n_obs - counts
    observed = xlogy(counts, share) + xlog1py(others, -share)
    ratio = 2.0 * (observed - xlogy(counts, alpha) - xlog1py(others, -alpha))
    accepted = np.flatnonzero(ratio < chdtri(1, 1.0 - confidence))
    return int(accepted[0]) - 1, int(accepted[-1]) + 1
