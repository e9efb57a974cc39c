"""How likely a rate without drift, its variance GARCH, falls by more than a share within so many days.

The probability is that of a first passage: the loss counts if it is reached at any fixing within the horizon,
not only at its end. It has no closed form under GARCH with Student-t errors, so it is simulated, once for a
grid of today's variance, with the same draws at every point, and read off between the points. The same
parameters and variance give the same figure to the bit, in a run and live.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy.special import stdtrit

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import SettingError
from barograph.core.fitted import GarchParameters
from barograph.measures.garch import PERCENT

PATHS = 4000
"""Simulated paths; probabilities stay within half a path of 0 and 1."""

GRID = np.linspace(math.log(1e-6), math.log(1e3), 41)
"""Log variances of the next day, percent squared, at which paths start (.001 to 32 % a day)."""

_SEED = 20_150_115


def fall_log_odds(
    parameters: GarchParameters, variance: FloatArray, *, within: int, fall: float
) -> FloatArray:
    r"""Log-odds that one unit of a currency loses more than a share of its value within some days.

    With the rate S in units of the currency per unit of the base, the currency's value is 1 / S and

    .. math:: P\left(\max_{k \le h} \ln (S_{t+k} / S_t) > -\ln(1 - x)\right)

    for log returns without drift whose variance follows the recursion of `measures.garch`.

    Parameters
    ----------
    parameters : GarchParameters
        Its mean is not used: nothing is claimed on direction.
    variance : array [n]
        Variance of the next day, percent squared, as `garch.next_variances` gives it.
    within : int
        Days, at least 1.
    fall : float
        Share of the value, between 0 and 1.

    Returns
    -------
    array [n]
        Held within the log-odds of half a path; NaN where the variance is. Monte-Carlo error: below .008 in
        the probability, two standard errors, less by Latin hypercube draws.
    """
    if within < 1 or not 0 < fall < 1:
        raise SettingError(
            "a fall must be a share between 0 and 1 within at least one day",
            came=f"got {fall} within {within}",
            do="Give for example 0.05 within 22",
        )
    key = (
        parameters.omega,
        parameters.alpha,
        parameters.gamma,
        parameters.beta,
        parameters.degrees_of_freedom,
    )
    table = _table(*key, within, fall)
    known = np.isfinite(variance)
    place = np.log(np.where(known, np.maximum(variance, np.exp(GRID[0])), 1.0))
    return np.where(known, np.interp(place, GRID, table), np.nan)


@lru_cache(maxsize=4096)
def _table(
    omega: float, alpha: float, gamma: float, beta: float, degrees: float, within: int, fall: float
) -> FloatArray:
    """Log-odds at the points of the grid."""
    draws = _standard_t(degrees)
    variance = np.repeat(np.exp(GRID)[:, None], PATHS, axis=1)
    level, highest = np.zeros_like(variance), np.full_like(variance, -np.inf)
    for order in _orders(within):
        shock = np.sqrt(variance) * draws[order]
        level += shock
        np.maximum(highest, level, out=highest)
        square = shock**2
        variance = omega + alpha * square + gamma * np.where(shock < 0, square, 0.0) + beta * variance
    share = (highest > -PERCENT * math.log1p(-fall)).mean(axis=1)
    kept = np.clip(np.maximum.accumulate(share), 0.5 / PATHS, 1.0 - 0.5 / PATHS)
    return np.asarray(np.log(kept) - np.log1p(-kept))


@lru_cache(maxsize=64)
def _standard_t(degrees: float) -> FloatArray:
    """Quantiles of the unit-variance Student-t at the middles of `PATHS` equal shares, [PATHS]."""
    middles = (np.arange(PATHS) + 0.5) / PATHS
    return np.asarray(stdtrit(degrees, middles) * math.sqrt((degrees - 2.0) / degrees))


@lru_cache(maxsize=8)
def _orders(within: int) -> tuple[IntArray, ...]:
    """For each day an order of the quantiles, the days independent: a Latin hypercube (McKay et al. 1979)."""
    random = np.random.Generator(np.random.PCG64(_SEED))
    return tuple(np.argsort(random.random(PATHS), kind="stable").astype(np.int64) for _ in range(within))
