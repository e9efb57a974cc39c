r"""Distributions of loss counts: Poisson and negative binomial, as one family.

A count with mean :math:`\mu` and dispersion :math:`\alpha \ge 0` has variance :math:`\mu + \alpha \mu^2` (the
form called NB2). It is Poisson for :math:`\alpha = 0`, and otherwise a Poisson count whose mean varies as a
Gamma variable with shape :math:`1 / \alpha`. Cameron and Trivedi (2013), Regression Analysis of Count Data,
2nd ed., section 3.3.

Arguments broadcast. A mean that is not positive, a dispersion that is negative or a count that is not a whole
number gives NaN, as does NaN.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from barograph.core.arrays import FloatArray

_LARGE = 1e3  # from this 1 / dispersion on, Stirling's series is exact to the last digits
_STEP = 0.2
_NODES = np.arange(-38.0, 45.0, _STEP)


def log_probability(
    count: npt.ArrayLike, mean: npt.ArrayLike, *, dispersion: npt.ArrayLike = 0.0
) -> FloatArray:
    r"""Log probability of a count; minus infinity for a negative one.

    .. math:: \ln p(k) = \ln\frac{\Gamma(k + r)}{k!\,\Gamma(r) r^k} + k \ln\mu - (k + r) \ln(1 + \mu / r),
        \quad r = 1 / \alpha

    Parameters
    ----------
    count : array_like [...]
    mean, dispersion : array_like [...]

    Examples
    --------
    >>> round(float(np.exp(log_probability(2, 1.0))), 6)
    0.18394
    """
    k, mu, alpha = _arguments(count, mean, dispersion)
    r, n = 1.0 / np.where(alpha > 0.0, alpha, 1.0), np.maximum(k, 0.0)
    overdispersed = _log_rising(n, r) - (n + r) * np.log1p(mu / r)
    shape = np.where(alpha > 0.0, overdispersed, -mu + 0.0 * n)
    value = shape + special.xlogy(n, mu) - special.gammaln(n + 1.0)
    return np.where(k < 0.0, np.where(np.isnan(value), np.nan, -np.inf), value)


def cumulative(count: npt.ArrayLike, mean: npt.ArrayLike, *, dispersion: npt.ArrayLike = 0.0) -> FloatArray:
    """Probability of at most so many; parameters as in `log_probability`."""
    k, mu, alpha = _arguments(count, mean, dispersion)
    n, spread = np.maximum(k, 0.0), np.where(alpha > 0.0, alpha, 1.0)
    value = np.where(
        alpha > 0.0,
        special.betaincc(n + 1.0, 1.0 / spread, spread * mu / (1.0 + spread * mu)),
        special.gammaincc(n + 1.0, mu),
    )
    return np.where((k < 0.0) & ~np.isnan(value), 0.0, value)


def quantile(level: npt.ArrayLike, mean: npt.ArrayLike, *, dispersion: npt.ArrayLike = 0.0) -> FloatArray:
    """Smallest count whose cumulative probability reaches a level strictly between 0 and 1, else NaN."""
    p, mu, alpha = _arguments(0.0, mean, dispersion, extra=level)
    inside = (p > 0.0) & (p < 1.0) & ~np.isnan(mu + alpha)
    p, mu, alpha = np.where(inside, p, 0.5), np.where(inside, mu, 1.0), np.where(inside, alpha, 0.0)
    low = np.full(p.shape, -1.0)
    high = np.ceil(mu + 1.0)
    while (short := cumulative(high, mu, dispersion=alpha) < p).any():
        low, high = np.where(short, high, low), np.where(short, 2.0 * high, high)
    while (high - low > 1.0).any():
        middle = np.floor(0.5 * (low + high))
        short = cumulative(middle, mu, dispersion=alpha) < p
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.where(inside, high, np.nan)


def crps(count: npt.ArrayLike, mean: npt.ArrayLike, *, dispersion: npt.ArrayLike = 0.0) -> FloatArray:
    r"""Ranked probability score of a forecast count, in counts; smaller is better.

    .. math:: \sum_k (F(k) - \mathbb 1\{y \le k\})^2 = E|X - y| - \tfrac12 E|X - X'|

    The first term has a closed form in F. The second is an integral of the characteristic function,

    .. math:: \tfrac12 E|X - X'| = \frac{1}{2\pi} \int_0^\infty
        \frac{1 - (1 + 4 \alpha\sigma^2 s)^{-1/\alpha}}{w^2} dw,
        \quad s = \frac{w^2}{1 + w^2},\ \sigma^2 = \mu + \alpha\mu^2

    by the trapezoidal rule in ``ln w``, which is exact to about 12 digits for every mean and dispersion; the
    hypergeometric form is not for small dispersions.

    Parameters
    ----------
    count : array_like [...]
        Outcomes.
    mean, dispersion : array_like [...]
        Of the forecast.

    References
    ----------
    Wei and Held (2014), Calibration tests for count data, TEST 23 (the score of both distributions).

    Examples
    --------
    >>> round(float(crps(0, 1.0)), 6)
    0.476222
    """
    k, mu, alpha = _arguments(count, mean, dispersion)
    at, under = (cumulative(n, mu, dispersion=alpha) for n in (k, k - 1.0))
    # E[X; X <= k] = mu [F(k) - (1 + alpha k) p(k)], from the ratio of neighbouring probabilities
    below = mu * (at - (1.0 + alpha * k) * (at - under))
    distance = k * (2.0 * at - 1.0) + mu - 2.0 * below
    return np.asarray(distance - _half_difference(mu, alpha))


def probability_transform(
    count: npt.ArrayLike,
    mean: npt.ArrayLike,
    *,
    dispersion: npt.ArrayLike = 0.0,
    share: npt.ArrayLike = 0.5,
) -> FloatArray:
    """Where a count falls in its forecast: ``F(k - 1) + share · p(k)``.

    Parameters
    ----------
    share : array_like [...]
        The default gives the mid-distribution value; uniform draws give the randomised one, which is uniform
        under a right forecast.

    References
    ----------
    Czado, Gneiting and Held (2009), Predictive model assessment for count data, Biometrics 65.
    """
    k, mu, alpha = _arguments(count, mean, dispersion)
    under = cumulative(k - 1.0, mu, dispersion=alpha)
    return np.asarray(under + np.asarray(share) * (cumulative(k, mu, dispersion=alpha) - under))


def _arguments(
    count: npt.ArrayLike, mean: npt.ArrayLike, dispersion: npt.ArrayLike, extra: npt.ArrayLike | None = None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Count (or, where given, the extra argument), mean and dispersion, broadcast, NaN where not allowed."""
    first = np.asarray(count if extra is None else extra, dtype=np.float64)
    mu, alpha = np.asarray(mean, dtype=np.float64), np.asarray(dispersion, dtype=np.float64)
    if extra is None:
        first = np.where(np.isfinite(first) & (first == np.floor(first)), first, np.nan)
    mu = np.where(np.isfinite(mu) & (mu > 0.0), mu, np.nan)
    alpha = np.where(np.isfinite(alpha) & (alpha >= 0.0), alpha, np.nan)
    first, mu, alpha = np.broadcast_arrays(first, mu, alpha)
    return first, mu + 0.0 * alpha, alpha + 0.0 * mu  # NaN in either is NaN in both


def _log_rising(k: FloatArray, r: FloatArray) -> FloatArray:
    """``ln Γ(r + k) - ln Γ(r) - k ln r`` without cancellation for large r, by Stirling's series."""
    exact = special.gammaln(r + k) - special.gammaln(r) - k * np.log(r)
    end = r + k
    series = (1.0 / end - 1.0 / r) / 12.0 - (end**-3.0 - r**-3.0) / 360.0
    return np.where(r < _LARGE, exact, (end - 0.5) * np.log1p(k / r) - k + series)


def _half_difference(mu: FloatArray, alpha: FloatArray) -> FloatArray:
    """Half the mean absolute difference of two independent counts."""
    variance, spread = mu + alpha * mu**2, np.where(alpha > 0.0, alpha, 1.0)
    unit = 0.5 / np.sqrt(variance)
    total = np.zeros(mu.shape)
    for node in _NODES:
        w = unit * np.exp(node)
        s = variance * w**2 / (1.0 + w**2)
        exponent = np.where(alpha > 0.0, np.log1p(4.0 * spread * s) / spread, 4.0 * s)
        total += -np.expm1(-exponent) / w
    return total * _STEP / (2.0 * np.pi)
