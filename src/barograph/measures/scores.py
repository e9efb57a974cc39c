"""Scores of forecasts: losses of variances, quantiles, tails and whole distributions.

Every score is negatively oriented (smaller is better), elementwise and broadcasts; NaN in gives NaN out, and
a forecast outside a score's domain (a variance or shortfall that is not positive) gives NaN, never a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from barograph.core.arrays import FloatArray

_HALF_LOG_TWO_PI = 0.5 * np.log(2.0 * np.pi)


def _positive(values: FloatArray) -> FloatArray:
    """The values where they are positive, NaN elsewhere."""
    values = np.asarray(values, dtype=np.float64)
    return np.where(values > 0.0, values, np.nan)


def qlike(realised: FloatArray, variance: FloatArray) -> FloatArray:
    r"""Quasi-likelihood loss of a variance forecast, Gaussian form: the headline score of volatility.

    .. math:: L(r^2, h) = \log h + r^2 / h

    Defined for a realised variance of zero, which days without a price change have. It ranks forecasts as
    `qlike_patton` does: the two differ by a term free of the forecast. It can be negative, so differences
    are reported and never percentages.

    Parameters
    ----------
    realised : FloatArray
        Realised variance or its unbiased proxy such as the squared return; decimals squared.
    variance : FloatArray
        Forecast of the same quantity, same unit.

    Returns
    -------
    FloatArray
        The loss, broadcast; NaN where the forecast is not positive or either argument is NaN.

    References
    ----------
    Patton (2011), Volatility forecast comparison using imperfect volatility proxies, J. Econometrics 160.

    Examples
    --------
    >>> float(qlike(np.array(4.0), np.array(1.0)))
    4.0
    """
    forecast = _positive(variance)
    return np.asarray(np.log(forecast) + np.asarray(realised) / forecast)


def qlike_patton(realised: FloatArray, variance: FloatArray) -> FloatArray:
    r"""Quasi-likelihood loss in the normalised form: zero for a perfect forecast.

    .. math:: L(s, h) = s / h - \log(s / h) - 1

    Needs a positive realised variance `s`: NaN where it is zero. Parameters as in `qlike`.

    References
    ----------
    Patton (2011), equation 24 with b = −2, up to scale.
    """
    ratio = _positive(realised) / _positive(variance)
    return np.asarray(ratio - np.log(ratio) - 1.0)


def squared_error(realised: FloatArray, forecast: FloatArray) -> FloatArray:
    """Squared difference, in the squared unit of the arguments; its mean is the MSE."""
    return np.asarray((np.asarray(realised) - np.asarray(forecast)) ** 2)


def absolute_error(realised: FloatArray, forecast: FloatArray) -> FloatArray:
    """Absolute difference, in the unit of the arguments; its mean is the MAE."""
    return np.asarray(np.abs(np.asarray(realised) - np.asarray(forecast)))


@dataclass(frozen=True, slots=True)
class MincerZarnowitz:
    """Regression of the realised on the forecast; an unbiased forecast has intercept 0 and slope 1."""

    intercept: float  # unit of the realised
    slope: float
    r_squared: float
    n_obs: int


def mincer_zarnowitz(realised: FloatArray, forecast: FloatArray) -> MincerZarnowitz:
    r"""Least squares of :math:`s_t = a + b\,h_t + u_t`; pairs with a NaN are left out.

    All figures but `n_obs` are NaN where fewer than three pairs remain or the forecast never varies.

    References
    ----------
    Mincer and Zarnowitz (1969), The evaluation of economic forecasts.
    """
    outcome, guess = np.asarray(realised, dtype=np.float64), np.asarray(forecast, dtype=np.float64)
    known = np.isfinite(outcome) & np.isfinite(guess)
    outcome, guess = outcome[known], guess[known]
    if outcome.size < 3 or np.ptp(guess) == 0.0:
        return MincerZarnowitz(np.nan, np.nan, np.nan, int(outcome.size))
    centred_guess, centred_outcome = guess - guess.mean(), outcome - outcome.mean()
    slope = float(centred_guess @ centred_outcome / (centred_guess @ centred_guess))
    total = float(centred_outcome @ centred_outcome)
    explained = slope * float(centred_guess @ centred_outcome)
    r_squared = explained / total if total > 0.0 else np.nan
    return MincerZarnowitz(
        float(outcome.mean() - slope * guess.mean()), slope, float(r_squared), int(outcome.size)
    )


def pinball(values: FloatArray, quantiles: FloatArray, level: FloatArray | float) -> FloatArray:
    r"""Quantile (pinball, tick) loss: consistent for the quantile at `level`.

    .. math:: L_\tau(y, q) = (\mathbb 1\{y < q\} - \tau)(q - y)

    Parameters
    ----------
    values : FloatArray
        Outcomes.
    quantiles : FloatArray
        Forecast quantiles, same unit.
    level : FloatArray or float
        :math:`\tau` in (0, 1).

    References
    ----------
    Koenker and Bassett (1978); Gneiting and Raftery (2007), section 6.

    Examples
    --------
    >>> pinball(np.array([1.0, -2.0]), np.zeros(2), 0.05).tolist()
    [0.05, 1.9]
    """
    gap = np.asarray(values, dtype=np.float64) - np.asarray(quantiles, dtype=np.float64)
    return np.asarray(np.maximum(level * gap, (np.asarray(level) - 1.0) * gap))


def crps_normal(values: FloatArray, mean: FloatArray, deviation: FloatArray) -> FloatArray:
    r"""Continuous ranked probability score of a normal forecast, in the unit of the outcome.

    .. math:: \sigma\{z(2\Phi(z) - 1) + 2\varphi(z) - 1/\sqrt\pi\},\quad z = (y - \mu)/\sigma

    References
    ----------
    Gneiting and Raftery (2007), Strictly proper scoring rules, J. Am. Stat. Assoc. 102, equation 21.
    """
    sigma = _positive(deviation)
    z = (np.asarray(values) - np.asarray(mean)) / sigma
    density = np.exp(-0.5 * z**2 - _HALF_LOG_TWO_PI)
    return np.asarray(sigma * (z * (2.0 * ndtr(z) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi)))


def crps_ensemble(values: FloatArray, ensemble: FloatArray, *, fair: bool = False) -> FloatArray:
    r"""CRPS of an ensemble of equally likely draws, in the unit of the outcome.

    .. math:: \frac1m\sum_i|x_i - y| - \frac{1}{2 D}\sum_{i,j}|x_i - x_j|

    with :math:`D = m^2` (the empirical distribution itself, default) or, where `fair`, :math:`D = m(m-1)`
    (unbiased for the distribution the draws come from; NaN for a single draw).

    Parameters
    ----------
    values : FloatArray [n]
        Outcomes.
    ensemble : FloatArray [n, n_draws]
        Draws; a NaN in a row makes the row NaN.
    fair : bool
        Which estimator.

    References
    ----------
    Gneiting and Raftery (2007), equation 20; Ferro (2014), Fair scores for ensemble forecasts.
    """
    draws = np.sort(np.asarray(ensemble, dtype=np.float64), axis=-1)
    m = draws.shape[-1]
    if fair and m < 2:
        return np.full(np.shape(values), np.nan)
    distance = np.abs(draws - np.asarray(values)[..., None]).mean(axis=-1)
    weights = 2.0 * np.arange(1, m + 1) - m - 1.0  # sum of |x_i - x_j| over i < j, on sorted draws
    pairs = (draws * weights).sum(axis=-1)
    return np.asarray(distance - pairs / (m * (m - 1) if fair else m * m))


def crps_from_quantiles(
    values: FloatArray, quantiles: FloatArray, levels: Sequence[float] | FloatArray
) -> FloatArray:
    r"""CRPS of the distribution a grid of quantiles describes, exactly, in the unit of the outcome.

    The distribution function is linear between neighbouring quantiles, and the mass beyond the outermost
    levels sits on the outermost quantiles. The integral

    .. math:: \int (F(x) - \mathbb 1\{y \le x\})^2\,dx

    is then a sum of cubics in closed form, so that no quadrature error favours any forecaster.

    Parameters
    ----------
    values : FloatArray [n]
        Outcomes.
    quantiles : FloatArray [n, n_levels]
        Ascending along the last axis; a NaN in a row makes the row NaN.
    levels : sequence of float [n_levels]
        Ascending, in (0, 1).

    References
    ----------
    Matheson and Winkler (1976), Scoring rules for continuous probability distributions, Management Sci. 22.

    Examples
    --------
    >>> round(float(crps_from_quantiles(np.array([0.5]), np.array([[0.0, 1.0]]), [1e-9, 1 - 1e-9])[0]), 6)
    0.083333
    """
    outcome = np.asarray(values, dtype=np.float64)[..., None]
    grid = np.asarray(quantiles, dtype=np.float64)
    tau = np.asarray(levels, dtype=np.float64)
    left, right = grid[..., :-1], grid[..., 1:]
    width = right - left
    below = np.clip(outcome, left, right) - left  # part of the segment at or under the outcome
    share = np.divide(below, width, out=np.zeros_like(below), where=width > 0.0)
    start, stop = tau[:-1], tau[1:]
    at = start + (stop - start) * share
    rest, rest_stop = 1.0 - at, 1.0 - stop
    inside = below * (start**2 + start * at + at**2) + (width - below) * (
        rest**2 + rest * rest_stop + rest_stop**2
    )
    outside = np.maximum(grid[..., 0] - outcome[..., 0], 0) + np.maximum(outcome[..., 0] - grid[..., -1], 0)
    return np.asarray(inside.sum(axis=-1) / 3.0 + outside)


def log_score_normal(values: FloatArray, mean: FloatArray, deviation: FloatArray) -> FloatArray:
    """Logarithmic score of a normal forecast: minus the log density at the outcome, natural logarithm."""
    sigma = _positive(deviation)
    z = (np.asarray(values) - np.asarray(mean)) / sigma
    return np.asarray(np.log(sigma) + 0.5 * z**2 + _HALF_LOG_TWO_PI)


def fz0(
    returns: FloatArray, value_at_risk: FloatArray, expected_shortfall: FloatArray, *, alpha: float
) -> FloatArray:
    r"""Fissler-Ziegel loss of degree zero: jointly consistent for value at risk and expected shortfall.

    With value at risk V and expected shortfall E given as **positive losses** and y the return,

    .. math:: L = \frac{\mathbb 1\{y \le -V\}\,(-V - y)}{\alpha E} + \frac{V}{E} + \log E - 1

    which is the paper's loss in v = −V and e = −E. Loss differences are free of the unit of the returns.

    Parameters
    ----------
    returns : FloatArray
        Outcomes, losses negative.
    value_at_risk, expected_shortfall : FloatArray
        Positive losses at tail probability `alpha`, same unit; NaN where the shortfall is not positive.
    alpha : float
        Tail probability, such as 0.01.

    References
    ----------
    Patton, Ziegel and Chen (2019), Dynamic semiparametric models for expected shortfall, equation 6.

    Examples
    --------
    >>> fz0(np.array([-3.0, 1.0]), np.array(2.0), np.array(2.5), alpha=0.05).round(6).tolist()
    [8.716291, 0.716291]
    """
    tail = _positive(expected_shortfall)
    var = np.asarray(value_at_risk, dtype=np.float64)
    excess = np.maximum(-var - np.asarray(returns, dtype=np.float64), 0.0)
    return np.asarray(excess / (alpha * tail) + var / tail + np.log(tail) - 1.0)
