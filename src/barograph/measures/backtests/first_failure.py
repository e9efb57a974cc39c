"""Time until first failure. Kupiec (1995), Journal of Derivatives 3."""

from __future__ import annotations

from barograph.core.results import TestResult
from barograph.measures.backtests.common import check_probability, chi_square, log_likelihood, undefined


def time_until_first_failure(first_failure: int | None, *, alpha: float, n_obs: int = 0) -> TestResult:
    """Likelihood ratio of the day of the first exception, chi-square with one degree of freedom.

    ``LR = 2 [ln(1/v) + (v - 1) ln(1 - 1/v) - ln alpha - (v - 1) ln(1 - alpha)]``; on the first day (v = 1)
    it is ``-2 ln alpha``. It uses one observation: expect little power.

    Parameters
    ----------
    first_failure : int or None
        Day of the first exception, counted from 1; None if there was none (NaN, with a note).
    alpha : float
        Tail probability.
    n_obs : int
        Days in the sample, carried into the result.

    Examples
    --------
    >>> round(time_until_first_failure(58, alpha=0.05).statistic, 4)
    1.7354
    """
    check_probability(alpha)
    if first_failure is None:
        return undefined("time_until_first_failure", n_obs=n_obs, note="no exception")
    ratio = geometric_ratio(first_failure, alpha)
    return chi_square("time_until_first_failure", ratio, degrees=1, n_obs=n_obs)


def geometric_ratio(waiting_time: int, alpha: float) -> float:
    """Likelihood ratio of one waiting time against the geometric distribution with probability `alpha`."""
    quiet = waiting_time - 1
    return 2.0 * (log_likelihood(1, quiet, 1.0 / waiting_time) - log_likelihood(1, quiet, alpha))
