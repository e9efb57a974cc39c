"""The variance of a mean of dependent terms."""

from __future__ import annotations

from typing import Literal

from barograph.core.arrays import FloatArray

Kernel = Literal["bartlett", "rectangular"]


def automatic_lags(n_obs: int, *, horizon: int = 1) -> int:
    r"""Lags for a Bartlett long-run variance of h-step loss differences.

    .. math:: \max\{\lceil 3(h-1)/2\rceil,\ \lfloor 4 (n/100)^{2/9}\rfloor\},\ \text{at most}\ n - 1

    The first term covers the overlap of h-day targets, which Bartlett weights would else halve; the second
    is Newey and West's rule for dependence of unknown order: volatility losses cluster even one step ahead.

    References
    ----------
    Newey and West (1994), Automatic lag selection in covariance matrix estimation, Rev. Econ. Studies 61.

    Examples
    --------
    >>> automatic_lags(1000), automatic_lags(1000, horizon=22)
    (6, 32)
    """
    overlap = -(-3 * (horizon - 1) // 2)
    rule = int(4.0 * (n_obs / 100.0) ** (2.0 / 9.0))
    return max(0, min(max(overlap, rule), n_obs - 1))


def long_run_variance(values: FloatArray, *, lags: int, kernel: Kernel = "bartlett") -> float:
    r"""Long-run variance of a series: n times the variance of its mean.

    .. math:: \hat\gamma_0 + 2\sum_{k=1}^{L} w_k\,\hat\gamma_k,\qquad
              \hat\gamma_k = \frac1n\sum_{t>k}(x_t - \bar x)(x_{t-k} - \bar x)

    with :math:`w_k = 1 - k/(L+1)` (Bartlett, never negative) or 1 (rectangular, which can come out
    negative: the caller decides).

    Parameters
    ----------
    values : FloatArray [n]
        Without NaN, in time order.
    lags : int
        L; 0 gives the sample variance with divisor n.
    kernel : {"bartlett", "rectangular"}
        The weights.

    Returns
    -------
    float
        In the squared unit of the values; NaN for an empty series.

    References
    ----------
    Newey and West (1987), A simple, positive semi-definite, heteroskedasticity and autocorrelation
    consistent covariance matrix, Econometrica 55.

    Examples
    --------
    >>> import numpy as np
    >>> long_run_variance(np.array([1.0, -1.0, 1.0, -1.0]), lags=1)
    0.25
    """
    n = values.size
    if n == 0:
        return float("nan")
    centred = values - values.mean()
    total = float(centred @ centred)
    for lag in range(1, min(lags, n - 1) + 1):
        weight = 1.0 - lag / (lags + 1.0) if kernel == "bartlett" else 1.0
        total += 2.0 * weight * float(centred[lag:] @ centred[:-lag])
    return total / n
