"""Maximum likelihood of a lognormal seen only between two bounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.measures.losses.checks import amounts
from barograph.measures.losses.severity import Lognormal, between
from barograph.measures.search import inverse, peak

WIDEST = 10.0
"""Largest sd_log of a truncated fit, in standard deviations of the logarithms seen."""
_FARTHEST = 36.0  # scores beyond which normal probabilities vanish from floating point


def fit_lognormal(losses: npt.ArrayLike, *, lower: float = 0.0, upper: float = np.inf) -> Lognormal:
    """Maximum-likelihood lognormal of losses recorded only between two bounds.

    Without bounds it is the mean and standard deviation (divisor n) of the logarithms. With bounds, the mean
    is solved for each standard deviation and the profile searched. Truncated losses that fall off like a
    power of their size, or slower, have no maximum: the likelihood rises as the standard deviation grows.
    There the search stops at `WIDEST`, where the lognormal is close to a power law over the range seen.

    Parameters
    ----------
    losses : array_like [n_losses]
        All within the bounds.
    lower : float
        Reporting threshold.
    upper : float
        Where another distribution takes over.

    Raises
    ------
    DataError
        A loss outside the bounds, fewer than two, or all alike.
    """
    seen = amounts(losses, lower=lower)
    if np.ptp(seen) == 0.0 or seen.max() > upper:
        raise DataError(
            f"losses must differ, none above {upper:g}",
            came=f"the smallest is {seen.min():g}, the largest {seen.max():g}",
            do="Pass the losses between the bounds, at least two different ones",
        )
    logs = np.log(seen)
    spread = float(logs.std())
    if lower == 0.0 and upper == np.inf:
        return Lognormal(float(logs.mean()), spread)
    return Lognormal(*_truncated(float(logs.mean()), spread, lower, upper), lower, upper)


def _truncated(mean: float, spread: float, lower: float, upper: float) -> tuple[float, float]:
    """Mean and standard deviation of the whole normal, from those of the logarithms seen between bounds."""
    low, high = (float(np.log(bound)) if bound > 0.0 else -np.inf for bound in (lower, upper))

    def profile(log_sd: FloatArray) -> FloatArray:
        sd = np.exp(log_sd)
        centre = _centre(mean, sd, low, high)
        mass = between((low - centre) / sd, (high - centre) / sd)
        return np.asarray(-0.5 * (spread**2 + (mean - centre) ** 2) / sd**2 - np.log(sd * mass))

    grid = np.log(spread) + np.linspace(np.log(0.5), np.log(WIDEST), 33)
    sd = float(np.exp(peak(profile, grid)))
    return float(_centre(mean, np.array([sd]), low, high)[0]), sd


def _centre(mean: float, sd: FloatArray, low: float, high: float) -> FloatArray:
    """Mean of the normal whose part between two bounds has the given mean, for each standard deviation."""

    def truncated_mean(centre: FloatArray) -> FloatArray:
        a, b = (low - centre) / sd, (high - centre) / sd
        density = (np.exp(-0.5 * a**2) - np.exp(-0.5 * b**2)) / np.sqrt(2.0 * np.pi)
        return np.asarray(centre + sd * density / between(a, b))

    least = low - _FARTHEST * sd if low > -np.inf else np.full(sd.shape, mean)
    most = high + _FARTHEST * sd if high < np.inf else np.full(sd.shape, mean)
    return inverse(truncated_mean, np.full(sd.shape, mean), least, most)
