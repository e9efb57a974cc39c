"""Likelihood ratios of normal scores. Berkowitz (2001), Journal of Business & Economic Statistics 19.

``z = ndtri(pit)`` is independent standard normal under a right forecast. Three published forms differ in
the second digit; all are here, and `berkowitz` (three restrictions, conditional on the first day) is the
default.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtri

from barograph.core.arrays import FloatArray
from barograph.core.results import TestResult
from barograph.measures.backtests.common import check_probability, chi_square, complete, optimize, undefined

_LOG_2_PI = float(np.log(2.0 * np.pi))


def berkowitz(scores: npt.ArrayLike) -> TestResult:
    """Mean, variance and first-order autocorrelation at once, chi-square with three degrees of freedom.

    The alternative is ``z_t = c + rho z_{t-1} + s e_t`` by conditional maximum likelihood: the first day only
    serves as a regressor, and the null is scored on the other days.

    Parameters
    ----------
    scores : array_like [n_obs]
        Normal scores of the PIT.

    Returns
    -------
    TestResult
        NaN, with a note, where the scores are fewer than five or constant.
    """
    z = complete("scores", scores)
    if z.shape[0] < 5 or np.ptp(z) == 0.0:
        return _unfit("berkowitz", z)
    before, after = z[:-1], z[1:]
    design = np.column_stack([np.ones_like(before), before])
    fitted = design @ np.linalg.lstsq(design, after, rcond=None)[0]
    return _ratio("berkowitz", _gaussian(after - fitted), after, degrees=3, n_obs=z.shape[0])


def berkowitz_mean_variance(scores: npt.ArrayLike) -> TestResult:
    """Mean and variance only, chi-square with two degrees of freedom; blind to autocorrelation."""
    z = complete("scores", scores)
    if z.shape[0] < 5 or np.ptp(z) == 0.0:
        return _unfit("berkowitz_mean_variance", z)
    return _ratio("berkowitz_mean_variance", _gaussian(z - z.mean()), z, degrees=2, n_obs=z.shape[0])


def berkowitz_exact(scores: npt.ArrayLike) -> TestResult:
    """As `berkowitz`, with the exact likelihood of a stationary AR(1): the first day counts as well.

    Mean and variance are concentrated out; one-dimensional search over the autocorrelation.
    """
    z = complete("scores", scores)
    if z.shape[0] < 5 or np.ptp(z) == 0.0:
        return _unfit("berkowitz_exact", z)
    found = optimize().minimize_scalar(
        lambda angle: -_exact_profile(float(np.tanh(angle)), z),
        bounds=(-5.0, 5.0),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return _ratio("berkowitz_exact", -float(found.fun), z, degrees=3, n_obs=z.shape[0])


def berkowitz_tail(scores: npt.ArrayLike, *, alpha: float) -> tuple[TestResult, float, float]:
    """The lower tail only: scores above ``ndtri(alpha)`` are censored there; two degrees of freedom.

    Returns
    -------
    tuple[TestResult, float, float]
        The test, and the mean and standard deviation fitted to the tail. NaN with a note with fewer than two
        scores in the tail.
    """
    z = complete("scores", scores)
    cut = float(ndtri(check_probability(alpha)))
    tail = z[z < cut]
    if tail.shape[0] < 2 or np.ptp(tail) == 0.0:
        note = "fewer than two different scores in the tail"
        return undefined("berkowitz_tail", n_obs=z.shape[0], note=note), float("nan"), float("nan")
    rest = z.shape[0] - tail.shape[0]

    def loss(parameters: FloatArray) -> float:
        return -_censored(float(parameters[0]), float(np.exp(parameters[1])), tail, rest=rest, cut=cut)

    best, start = np.inf, np.zeros(2)
    for _ in range(5):  # restarting a simplex removes its stalls
        found = optimize().minimize(
            loss, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000}
        )
        gain, best, start = best - float(found.fun), float(found.fun), found.x
        if gain < 1e-10:
            break
    ratio = 2.0 * (loss(np.zeros(2)) - float(found.fun))
    test = chi_square("berkowitz_tail", ratio, degrees=2, n_obs=z.shape[0])
    return test, float(found.x[0]), float(np.exp(found.x[1]))


def _unfit(name: str, z: FloatArray) -> TestResult:
    return undefined(name, n_obs=z.shape[0], note="fewer than five different scores")


def _ratio(name: str, best: float, z: FloatArray, *, degrees: int, n_obs: int) -> TestResult:
    standard = -0.5 * float((_LOG_2_PI + z**2).sum())
    return chi_square(name, 2.0 * (best - standard), degrees=degrees, n_obs=n_obs)


def _gaussian(residuals: FloatArray) -> float:
    """Log-likelihood of normal residuals at their own variance."""
    variance = float((residuals**2).mean())
    return float(-0.5 * residuals.shape[0] * (_LOG_2_PI + np.log(variance) + 1.0))


def _exact_profile(rho: float, z: FloatArray) -> float:
    """Exact AR(1) log-likelihood at an autocorrelation, mean and variance at their best."""
    first = np.sqrt(1.0 - rho**2)
    level = np.concatenate([[first], np.full(z.shape[0] - 1, 1.0 - rho)])
    whitened = np.concatenate([[first * z[0]], z[1:] - rho * z[:-1]])
    mean = float(level @ whitened / (level @ level))
    return _gaussian(whitened - mean * level) + float(np.log(first))


def _censored(mean: float, sd: float, tail: FloatArray, *, rest: int, cut: float) -> float:
    inside = -0.5 * (_LOG_2_PI + ((tail - mean) / sd) ** 2).sum() - tail.shape[0] * np.log(sd)
    return float(inside + rest * log_ndtr(-(cut - mean) / sd))
