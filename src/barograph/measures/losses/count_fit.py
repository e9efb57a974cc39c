"""Dispersion of loss counts: its maximum likelihood, and tests of Poisson against negative binomial.

The mean of each period is given (fitted, forecast, or one figure for all); the dispersion is one for all. For
equal periods the average count is the maximum-likelihood mean whatever the dispersion.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.results import TestResult
from barograph.measures.losses.checks import counts_of
from barograph.measures.losses.counts import log_probability
from barograph.measures.search import peak

_LOG_DISPERSIONS = np.linspace(np.log(1e-6), np.log(1e3), 63)


def fit_dispersion(counts: npt.ArrayLike, means: npt.ArrayLike | None = None) -> float:
    """Maximum-likelihood dispersion of counts around given means; 0 where Poisson fits at least as well.

    Parameters
    ----------
    counts : array_like [n_obs]
    means : array_like [n_obs] or scalar, optional
        Positive; default: the average count, which is then the maximum-likelihood mean.

    Raises
    ------
    DataError
        Where counts are not whole numbers, all are 0, or a mean is not positive.
    """
    observed, mu = _pair(counts, means)
    distinct = _distinct(observed, mu)
    best = np.exp(peak(lambda log: _likelihood(*distinct, np.exp(log)), _LOG_DISPERSIONS))
    candidates = np.array([0.0, best])
    return float(candidates[np.argmax(_likelihood(*distinct, candidates))])


def likelihood_ratio_test(counts: npt.ArrayLike, means: npt.ArrayLike | None = None) -> TestResult:
    r"""Likelihood ratio of negative binomial against Poisson at the same means.

    No dispersion lies on the boundary of its range, so the statistic is under Poisson half a point mass at 0
    and half chi-square with one degree of freedom: :math:`p = \tfrac12 \Pr(\chi^2_1 > LR)`, and 1 for LR = 0.

    References
    ----------
    Self and Liang (1987), J. Am. Stat. Assoc. 82, case 5; Cameron and Trivedi (2013), section 3.4.

    Notes
    -----
    Parameters and errors as in `fit_dispersion`.
    """
    observed, mu = _pair(counts, means)
    dispersion = fit_dispersion(observed, mu)
    poisson, overdispersed = _likelihood(*_distinct(observed, mu), np.array([0.0, dispersion]))
    ratio = 2.0 * float(overdispersed - poisson)
    p_value = 0.5 * float(chdtrc(1, ratio)) if ratio > 0.0 else 1.0
    return TestResult("dispersion likelihood ratio", max(ratio, 0.0), p_value, observed.size)


def cameron_trivedi_test(counts: npt.ArrayLike, means: npt.ArrayLike | None = None) -> TestResult:
    r"""Regression test of overdispersion of the form :math:`\mu + \alpha\mu^2`, one-sided.

    The t-statistic of the slope, through the origin, of :math:`\{(y - \mu)^2 - y\} / \mu` on :math:`\mu`.
    It asks for the first moments only: large where counts vary more than Poisson ones.

    Returns
    -------
    TestResult
        With the upper normal p-value; NaN, with a note, where the regression leaves no residual.

    References
    ----------
    Cameron and Trivedi (1990), Regression-based tests for overdispersion in the Poisson model, Journal of
    Econometrics 46.

    Notes
    -----
    Parameters and errors as in `fit_dispersion`.
    """
    observed, mu = _pair(counts, means)
    excess = ((observed - mu) ** 2 - observed) / mu
    slope = float(excess @ mu / (mu @ mu))
    residual = excess - slope * mu
    variance = float(residual @ residual) / (observed.size - 1)
    name = "cameron trivedi"
    if variance == 0.0:
        return TestResult(name, np.nan, np.nan, observed.size, note="counts that never vary")
    statistic = slope * float(np.sqrt(mu @ mu / variance))
    return TestResult(name, statistic, float(ndtr(-statistic)), observed.size)


def _pair(counts: npt.ArrayLike, means: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    observed = counts_of(counts)
    given = np.asarray(observed.mean() if means is None else means, dtype=np.float64)
    if given.shape not in ((), observed.shape) or not (np.isfinite(given) & (given > 0.0)).all():
        raise DataError(
            "every period must have a mean count above 0",
            came=f"shape {given.shape} for {observed.size} counts, smallest {given.min(initial=np.inf):g}",
            do="Pass one positive mean per period; a history without any loss has no count model",
        )
    return observed, np.broadcast_to(given, observed.shape)


def _distinct(observed: FloatArray, mu: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """The distinct pairs of count and mean, and how often each occurs."""
    pairs, times = np.unique(np.stack([observed, mu]), axis=1, return_counts=True)
    return pairs[0], pairs[1], times


def _likelihood(observed: FloatArray, mu: FloatArray, times: IntArray, dispersions: FloatArray) -> FloatArray:
    """Log-likelihood at each dispersion."""
    each = log_probability(observed[:, None], mu[:, None], dispersion=dispersions)
    return np.asarray(times @ each)
