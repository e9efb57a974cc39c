"""The GJR-GARCH(1,1) recursion: from frozen parameters and returns to variance forecasts.

With returns ``r_t`` in percent, ``ε_t = r_t − μ`` and ``[·]`` one where true and zero elsewhere::

    σ²_{t+1} = ω + α ε_t² + γ ε_t² [ε_t < 0] + β σ²_t

Started, as the arch package does, with ``σ²_0 = ω + (α + γ/2 + β) b`` where b is the backcast.
``γ = 0`` is plain GARCH.

Sources: Bollerslev (1986), Journal of Econometrics 31; Glosten, Jagannathan and Runkle (1993), Journal of
Finance 48; Student-t errors: Bollerslev (1987), Review of Economics and Statistics 69.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted import GarchParameters

PERCENT = 100.0
LARGEST_PERSISTENCE = 1.0
"""Above it, multi-day forecasts would explode: they are made as if persistence were exactly this."""


def persistence(parameters: GarchParameters) -> float:
    """Share of today's variance expected in tomorrow's, ``α + γ/2 + β`` (errors are symmetric)."""
    return parameters.alpha + 0.5 * parameters.gamma + parameters.beta


def long_run_variance(parameters: GarchParameters) -> float:
    """Unconditional variance ``ω / (1 − persistence)``, percent squared; infinite where persistence ≥ 1.

    Examples
    --------
    >>> hull = GarchParameters(0.0, 2e-06, 0.13, 0.0, 0.86, 8.0, 2e-4)
    >>> round(long_run_variance(hull), 10)
    0.0002
    """
    decay = 1.0 - persistence(parameters)
    return parameters.omega / decay if decay > 0 else float("inf")


def start_variance(parameters: GarchParameters) -> float:
    """Variance of the first day, before any return was seen; percent squared."""
    return parameters.omega + persistence(parameters) * parameters.backcast


def step(parameters: GarchParameters, variance: float, value: float) -> float:
    """Variance of the next day from today's variance and today's return.

    Parameters
    ----------
    parameters : GarchParameters
    variance : float
        Today's conditional variance, percent squared.
    value : float
        Today's log return, decimal. NaN is no news: the variance stays.

    Returns
    -------
    float
        Percent squared. The same arithmetic, in the same order, as `next_variances`.
    """
    if not math.isfinite(value):
        return variance
    return parameters.beta * variance + float(_news(parameters, np.float64(value)))


def next_variances(parameters: GarchParameters, returns: FloatArray) -> FloatArray:
    """Variance forecast for the day after each row.

    Given the returns, the recursion is linear in past variances, so the news of all days is computed at once
    and only ``σ² ← β σ² + news`` runs in sequence.

    Parameters
    ----------
    parameters : GarchParameters
    returns : array [n_days]
        Log returns, decimals, from the series' first day. A NaN is no news: the variance stays.

    Returns
    -------
    array [n_days]
        Percent squared; row i uses returns 0 … i and no later one.
    """
    known = np.isfinite(returns)
    news = np.where(known, _news(parameters, np.where(known, returns, 0.0)), 0.0).tolist()
    carry = np.where(known, parameters.beta, 1.0).tolist()
    path = accumulate(
        zip(carry, news, strict=True),
        lambda variance, today: today[0] * variance + today[1],
        initial=start_variance(parameters),
    )
    return np.fromiter(path, dtype=np.float64, count=len(news) + 1)[1:]


def multi_step(parameters: GarchParameters, variance: FloatArray, horizons: Sequence[int]) -> FloatArray:
    """Expected sum of the daily variances over the next h days.

    ``E σ²_{t+k} = ω + p E σ²_{t+k-1}`` with persistence p, since a symmetric error is negative half of the
    time. A persistence above `LARGEST_PERSISTENCE` (possible, for the likelihood only asks for a finite path)
    is cut to it, so that a forecast grows at most linearly in the horizon instead of exponentially.

    Parameters
    ----------
    parameters : GarchParameters
    variance : array [n]
        Forecast for the next day, percent squared (from `next_variances`).
    horizons : sequence of int

    Returns
    -------
    array [n, n_horizons]
        Percent squared.
    """
    decay = min(persistence(parameters), LARGEST_PERSISTENCE)
    day = np.asarray(variance, dtype=np.float64)
    total = np.zeros_like(day)
    sums: dict[int, FloatArray] = {}
    for ahead in range(1, max(horizons) + 1):
        total = total + day
        sums[ahead] = total
        day = parameters.omega + decay * day
    return np.stack([sums[horizon] for horizon in horizons], axis=-1)


def _news(parameters: GarchParameters, returns: FloatArray | np.float64) -> FloatArray:
    """``ω + (α + γ [ε < 0]) ε²`` of returns in decimals."""
    surprise = PERCENT * returns - parameters.mean
    return np.asarray(
        parameters.omega + (parameters.alpha + parameters.gamma * (surprise < 0.0)) * surprise**2
    )
