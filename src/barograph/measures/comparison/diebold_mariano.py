"""Equal predictive accuracy: of two forecasters on one series, and on a panel of series."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.special import stdtr

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.results import TestResult
from barograph.measures.comparison.long_run import Kernel, automatic_lags, long_run_variance

Alternative = Literal["two-sided", "less", "greater"]

_IDENTICAL = "the two losses never differ"
_SHORT = "too few observations for this horizon"
_NEGATIVE = "the long-run variance came out negative; choose the Bartlett kernel"


def _p_value(statistic: float, freedom: int, alternative: Alternative) -> float:
    """Of a Student-t statistic."""
    if alternative == "two-sided":
        return float(2.0 * stdtr(freedom, -abs(statistic)))
    return float(stdtr(freedom, statistic if alternative == "less" else -statistic))


def _small_sample_factor(n: int, horizon: int) -> float:
    """Harvey, Leybourne and Newbold (1997), equation 9."""
    return float(np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n))


def diebold_mariano(
    difference: FloatArray,
    *,
    horizon: int = 1,
    lags: int | None = None,
    kernel: Kernel = "rectangular",
    alternative: Alternative = "two-sided",
    small_sample: bool = True,
) -> TestResult:
    r"""Diebold-Mariano test of equal mean loss, with the Harvey-Leybourne-Newbold correction.

    .. math:: \mathrm{DM} = \bar d \Big/ \sqrt{\hat\omega / n} \cdot
              \sqrt{\frac{n + 1 - 2h + h(h-1)/n}{n}} \sim t_{n-1}

    where :math:`\hat\omega` is the long-run variance of d. A negative statistic says that the first model,
    whose loss comes first in the difference, is better.

    Parameters
    ----------
    difference : FloatArray [n]
        Loss of the first model minus loss of the second, in time order; NaN rows are left out.
        For forecast errors and power p it is ``abs(e1) ** p - abs(e2) ** p``.
    horizon : int
        Steps ahead h of the forecasts, in observations.
    lags : int, optional
        Autocovariances in the variance; default h − 1, the order an optimal h-step forecast leaves.
    kernel : {"rectangular", "bartlett"}
        Weights of the autocovariances; the rectangular one is the original's.
    alternative : {"two-sided", "less", "greater"}
        "less": the first model's loss is smaller.
    small_sample : bool
        Apply the correction factor.

    Returns
    -------
    TestResult
        NaN, with a note, where n ≤ max(h, 2), where the losses never differ, or where a rectangular
        variance is negative.

    References
    ----------
    Diebold and Mariano (1995), Comparing predictive accuracy, J. Bus. Econ. Stat. 13; Harvey, Leybourne and
    Newbold (1997), Testing the equality of prediction mean squared errors, Int. J. Forecasting 13.

    Examples
    --------
    >>> diebold_mariano(np.array([-1.0, -2.0, -1.5, -0.5, -1.0])).statistic < -3
    True
    """
    name = "diebold_mariano"
    values = np.asarray(difference, dtype=np.float64)
    values = values[np.isfinite(values)]
    n = int(values.size)
    if n <= max(horizon, 2):
        return TestResult(name, np.nan, np.nan, n, _SHORT)
    used = horizon - 1 if lags is None else lags
    return _studentised(
        name,
        float(values.mean()),
        long_run_variance(values, lags=used, kernel=kernel) / n,
        n_obs=n,
        n_terms=n,
        factor=_small_sample_factor(n, horizon) if small_sample else 1.0,
        alternative=alternative,
    )


def _studentised(
    name: str,
    mean: float,
    variance: float,
    *,
    n_obs: int,
    n_terms: int,
    factor: float,
    alternative: Alternative,
) -> TestResult:
    """Mean over its standard error, referred to Student's t; NaN where the variance is not positive."""
    if variance <= (1e-13 * mean) ** 2:  # rounding is all that is left of it
        note = _NEGATIVE if variance < 0.0 else _IDENTICAL if mean == 0.0 else "the difference never varies"
        return TestResult(name, np.nan, np.nan, n_obs, note)
    statistic = mean / np.sqrt(variance) * factor
    return TestResult(name, float(statistic), _p_value(statistic, n_terms - 1, alternative), n_obs)


def panel_diebold_mariano(
    difference: FloatArray,
    dates: DateArray | IntArray,
    *,
    horizon: int = 1,
    lags: int | None = None,
    alternative: Alternative = "two-sided",
) -> TestResult:
    r"""Diebold-Mariano test pooled over a panel of series, robust to dependence across series and time.

    The terms are sums over the :math:`n_t` series that have a loss difference on date t, so that a day on
    which all markets move counts as one observation:

    .. math:: \bar d = \frac{\sum_t\sum_i d_{it}}{\sum_t n_t},\qquad
              u_t = \sum_i d_{it} - n_t\bar d,\qquad
              \widehat{\mathrm{var}}(\bar d) = \frac{T\,\hat\omega(u)}{(\sum_t n_t)^2}

    with a Bartlett long-run variance over the T dates and the correction factor of `diebold_mariano` with
    n = T; referred to t with T − 1 degrees of freedom. With one series it is `diebold_mariano`.

    Parameters
    ----------
    difference : FloatArray [n]
        Loss of the first model minus loss of the second, any order; NaN rows are left out.
    dates : DateArray or IntArray [n]
        Day of each row (days, or day numbers).
    horizon : int
        Steps ahead of the forecasts, in dates.
    lags : int, optional
        Of the long-run variance over dates; default `automatic_lags`.
    alternative : {"two-sided", "less", "greater"}
        "less": the first model's loss is smaller.

    Returns
    -------
    TestResult
        `n_obs` counts rows, not dates. NaN, with a note, as in `diebold_mariano`.

    References
    ----------
    Diebold and Mariano (1995); clustering by date after Driscoll and Kraay (1998), Consistent covariance
    matrix estimation with spatially dependent panel data, Rev. Econ. Stat. 80.
    """
    name = "panel_diebold_mariano"
    values = np.asarray(difference, dtype=np.float64)
    known = np.isfinite(values)
    day = np.asarray(dates)
    days = (day.astype("datetime64[D]") if day.dtype.kind == "M" else day).astype(np.int64)[known]
    n = int(days.size)
    if n == 0:
        return TestResult(name, np.nan, np.nan, 0, _SHORT)
    code = days - days.min()
    count, total = np.bincount(code), np.bincount(code, weights=values[known])
    total, count = total[count > 0], count[count > 0]
    n_dates = int(count.size)
    if n_dates <= max(horizon, 2):
        return TestResult(name, np.nan, np.nan, n, _SHORT)
    mean = float(total.sum() / n)
    used = automatic_lags(n_dates, horizon=horizon) if lags is None else lags
    variance = n_dates * long_run_variance(total - count * mean, lags=used) / n**2
    factor = _small_sample_factor(n_dates, horizon)
    return _studentised(
        name, mean, variance, n_obs=n, n_terms=n_dates, factor=factor, alternative=alternative
    )
