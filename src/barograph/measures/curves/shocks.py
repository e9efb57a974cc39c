"""The six supervisory shocks to a yield curve, and the floor under shocked rates.

Rates and shocks are decimals per year, times years. Sizes are no part of the formula: they come per currency
from versioned data (`collect.shock_sizes`).

Source: Basel Committee (April 2016), Interest rate risk in the banking book (d368), Annex 2.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.scenario import RateShock
from barograph.core.shock_sizes import ShockSizes

SHOCKS = ("parallel_up", "parallel_down", "steepener", "flattener", "short_up", "short_down")
"""The scenarios, in the order of d368."""

DECAY = 4.0
"""Years in which the short shock falls to 1/e (d368: x = 4)."""


def supervisory_shocks(time: npt.ArrayLike, sizes: ShockSizes) -> FloatArray:
    """Change of the continuous zero rate at each time under each of `SHOCKS`, [6, n_times].

    With ``S(t) = exp(-t / 4)``: parallel ``± R_p``; short ``± R_s S(t)``; long ``R_l (1 - S(t))``; steepener
    ``-0.65 short + 0.9 long``; flattener ``0.8 short - 0.6 long``.

    Examples
    --------
    >>> sizes = ShockSizes(parallel=0.02, short=0.01, long=0.01)
    >>> (1e4 * supervisory_shocks([3.5], sizes)[2:, 0]).round(1).tolist()
    [25.4, -1.6, 41.7, -41.7]
    """
    fading = np.exp(-np.atleast_1d(np.asarray(time, np.float64)) / DECAY)
    parallel = np.full(fading.shape, sizes.parallel)
    short, long = sizes.short * fading, sizes.long * (1.0 - fading)
    steepener, flattener = -0.65 * short + 0.9 * long, 0.8 * short - 0.6 * long
    return np.stack([parallel, -parallel, steepener, flattener, short, -short])


def scenario_shift(time: npt.ArrayLike, shock: RateShock) -> FloatArray:
    """Change of the continuous zero rate at each time under a scenario's shock (see `RateShock`), [n_times].

    Examples
    --------
    >>> scenario_shift([1.0, 6.0], RateShock(parallel=0.01, points=((2.0, 0.0), (10.0, 0.02)))).tolist()
    [0.01, 0.02]
    """
    at = np.atleast_1d(np.asarray(time, np.float64))
    fading = np.exp(-at / DECAY)
    shift = shock.parallel + shock.short * fading + shock.long * (1.0 - fading)
    if shock.points:
        years, change = np.array(shock.points).T
        shift = shift + np.interp(at, years, change)
    return np.asarray(shift)


def rising_floor(time: npt.ArrayLike, *, now: float, slope: float) -> FloatArray:
    """A floor that rises in maturity up to zero, and stays there: ``min(now + slope t, 0)``, [n_times]."""
    return np.minimum(now + slope * np.asarray(time, np.float64), 0.0)


def floored(rate: FloatArray, shock: FloatArray, floor: FloatArray) -> FloatArray:
    """What of a shock is left where the rate after it may not fall below a floor.

    A rate that is below the floor before the shock is not lifted to it: it may stay, not fall further.

    Parameters
    ----------
    rate, floor : array [n_times]
    shock : array [n_shocks, n_times]

    Returns
    -------
    FloatArray [n_shocks, n_times]
        The shock, cut.
    """
    lowest = np.minimum(floor, rate)
    return np.asarray(np.maximum(rate + shock, lowest) - rate)
