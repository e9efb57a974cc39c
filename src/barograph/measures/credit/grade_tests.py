"""Back-tests of rating grades and of supervisory figures: is the PD of a grade too low, has the AUC fallen,
is the LGD too low?

The tests of grades are one-sided: a small p-value says that the PD is too low. Defaults within a grade count
as independent, so that in a downturn they reject more often than they say.

Source: ECB (2019), Instructions for reporting the validation results of internal models, 2.5 and 2.6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, ndtr, stdtr

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.results import TestResult
from barograph.measures.credit.checks import blocks_of, complete, defaulted, probability


def _grades(
    defaults: npt.ArrayLike, n_obs: npt.ArrayLike, pd: npt.ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    bad = complete("defaults", np.atleast_1d(defaults))
    size = complete("n_obs", np.atleast_1d(n_obs), bad.size)
    if np.any((bad < 0.0) | (bad > size)):
        raise DataError(
            "a grade's defaults must lie between 0 and its number of records",
            came=f"got {bad.tolist()} of {size.tolist()}",
            do="Pass counts, not rates",
        )
    return bad, size, probability("pd", np.atleast_1d(pd), bad.size)


def binomial_test(defaults: npt.ArrayLike, n_obs: npt.ArrayLike, pd: npt.ArrayLike) -> FloatArray:
    r"""Chance of at least so many defaults, :math:`\Pr(X \ge d)` with X binomial(n, pd); exact.

    Parameters
    ----------
    defaults, n_obs : array_like [n_grades]
        Counts.
    pd : array_like [n_grades]
        Probability of default of each grade, a decimal.

    Returns
    -------
    FloatArray [n_grades]
        p-values; 1 without a default.
    """
    bad, size, chance = _grades(defaults, n_obs, pd)
    some = bad > 0.0
    return np.where(some, betainc(np.where(some, bad, 1.0), size - bad + 1.0, chance), 1.0)


def jeffreys_test(defaults: npt.ArrayLike, n_obs: npt.ArrayLike, pd: npt.ArrayLike) -> FloatArray:
    r"""Posterior chance that the true rate is at most pd: :math:`I_{pd}(d + \tfrac12,\ n - d + \tfrac12)`.

    Defined without a default, too; it rejects a little sooner than `binomial_test`, which cannot meet its
    level exactly.

    Parameters
    ----------
    defaults, n_obs, pd : array_like [n_grades]
        As in `binomial_test`.

    Returns
    -------
    FloatArray [n_grades]
        The ECB's p-values.

    Examples
    --------
    >>> jeffreys_test([8], [500], [0.01]).round(6).tolist()
    [0.095335]
    """
    bad, size, chance = _grades(defaults, n_obs, pd)
    return np.asarray(betainc(bad + 0.5, size - bad + 0.5, chance))


def normal_approximation(defaults: npt.ArrayLike, n_obs: npt.ArrayLike, pd: npt.ArrayLike) -> FloatArray:
    r"""Standardised defaults :math:`(d - n\,pd) / \sqrt{n\,pd (1 - pd)}`, about N(0, 1) where n pd is large.

    Returns
    -------
    FloatArray [n_grades]
        z, positive where the PD is too low, its one-sided p-value being ``ndtr(-z)``; NaN where the variance
        is zero.
    """
    bad, size, chance = _grades(defaults, n_obs, pd)
    variance = size * chance * (1.0 - chance)
    spread = np.sqrt(np.where(variance > 0.0, variance, np.nan))
    return np.asarray((bad - size * chance) / spread)


@dataclass(frozen=True, slots=True)
class GradeTable:
    """The back-test of each grade, grades in ascending order of their value; arrays [n_grades]."""

    grade: AnyArray
    n_obs: IntArray
    defaults: IntArray
    pd: FloatArray  # mean of the grade's records
    binomial: FloatArray  # p-values
    jeffreys: FloatArray  # p-values
    z: FloatArray  # of the normal approximation


def grade_table(label: npt.ArrayLike, pd: npt.ArrayLike, grade: AnyArray) -> GradeTable:
    """All three tests on every grade of a table of records.

    Parameters
    ----------
    label, pd : array_like [n_obs]
    grade : array [n_obs]
        Of a type that sorts.
    """
    bad = defaulted(label)
    chance = probability("pd", pd, bad.size)
    rows = blocks_of(grade, bad.size)
    size = np.array([one.size for one in rows], dtype=np.int64)
    defaults = np.array([bad[one].sum() for one in rows], dtype=np.int64)
    mean = np.array([chance[one].mean() for one in rows])
    counted = defaults, size, mean
    return GradeTable(
        grade=np.unique(np.asarray(grade)),
        n_obs=size,
        defaults=defaults,
        pd=mean,
        binomial=binomial_test(*counted),
        jeffreys=jeffreys_test(*counted),
        z=normal_approximation(*counted),
    )


def ecb_auc_test(initial: float, current: float, variance: float, *, n_obs: int = 0) -> TestResult:
    r"""Has the discriminatory power fallen since the model was first validated?

    .. math:: S = (AUC_{initial} - AUC_{current}) / s,\qquad p = 1 - \Phi(S)

    The initial AUC counts as known.

    Parameters
    ----------
    initial, current : float
        AUC at initial validation and now.
    variance : float
        DeLong's, of the current one.
    n_obs : int
        Records behind the current one, only passed on.
    """
    name = "ecb_auc_test"
    if not variance > 0.0 or math.isnan(initial + current):
        return TestResult(name, math.nan, math.nan, n_obs, "the current AUC has no variance")
    statistic = (initial - current) / math.sqrt(variance)
    return TestResult(name, statistic, float(ndtr(-statistic)), n_obs)


def lgd_t_test(realised: npt.ArrayLike, estimated: npt.ArrayLike) -> TestResult:
    r"""Is the estimated loss given default too low? One-sided t-test on the mean difference.

    .. math:: T = \sqrt n\,\bar d / s,\quad d = \text{realised} - \text{estimated},\quad p = 1 - F_{t(n-1)}(T)

    Parameters
    ----------
    realised, estimated : array_like [n_obs]
        Decimals.

    Returns
    -------
    TestResult
        NaN, with a note, where there are fewer than two records or the difference never varies.
    """
    name, lost = "lgd_t_test", complete("realised", realised)
    difference = lost - complete("estimated", estimated, lost.size)
    n = difference.size
    if n < 2:
        return TestResult(name, math.nan, math.nan, n, "too few records")
    mean, spread = float(difference.mean()), float(difference.std(ddof=1))
    if spread <= 1e-13 * max(abs(mean), 1e-13):
        return TestResult(name, math.nan, math.nan, n, "the difference never varies")
    statistic = math.sqrt(n) * mean / spread
    return TestResult(name, statistic, float(stdtr(n - 1, -statistic)), n)
