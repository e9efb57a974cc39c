"""Time between failures. Haas (2001), New Methods in Backtesting, Financial Engineering Research Center
caesar.

Each waiting time contributes one likelihood ratio with a single observation, so the chi-square law the
paper states is only rough; `simulate.mixed_kupiec_null` gives the law under independent exceptions instead.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import xlog1py

from barograph.core.results import TestResult
from barograph.measures.backtests.common import check_probability, chi_square, undefined
from barograph.measures.backtests.kupiec import kupiec


def time_between_failures(waiting_times: npt.ArrayLike, *, alpha: float, n_obs: int = 0) -> TestResult:
    """Sum of the likelihood ratios of all waiting times, chi-square with as many degrees of freedom.

    The first waiting time runs from the start of the sample; the open one after the last exception is not
    used. NaN, with a note, without exceptions.

    Parameters
    ----------
    waiting_times : array_like [n_exceptions]
        See `common.waiting_times`.
    """
    times = np.asarray(waiting_times, dtype=np.float64)
    check_probability(alpha)
    if times.size == 0:
        return undefined("time_between_failures", n_obs=n_obs, note="no exception")
    ratio = float(waiting_ratios(times, alpha).sum())
    return chi_square("time_between_failures", ratio, degrees=times.size, n_obs=n_obs)


def mixed_kupiec(waiting_times: npt.ArrayLike, n_obs: int, *, alpha: float) -> TestResult:
    """`time_between_failures` plus `kupiec`: chi-square with the number of exceptions plus one degrees."""
    times = np.asarray(waiting_times)
    between = time_between_failures(times, alpha=alpha, n_obs=n_obs)
    if between.note:
        return undefined("mixed_kupiec", n_obs=n_obs, note=between.note)
    total = between.statistic + kupiec(times.size, n_obs, alpha=alpha).statistic
    return chi_square("mixed_kupiec", total, degrees=times.size + 1, n_obs=n_obs)


def waiting_ratios(times: npt.NDArray[np.float64], alpha: float) -> npt.NDArray[np.float64]:
    """The likelihood ratio of each waiting time (see `first_failure.geometric_ratio`), whatever the shape."""
    observed = xlog1py(times - 1.0, -1.0 / times) - np.log(times)
    ratios: npt.NDArray[np.float64] = 2.0 * (observed - np.log(alpha) - xlog1py(times - 1.0, -alpha))
    return ratios
