"""The year's total loss by simulation, and how well a simulated quantile is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, ndtri

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.measures.losses.checks import within
from barograph.measures.losses.frequency import Frequency
from barograph.measures.losses.severity import Severity

_AT_ONCE = 2_000_000  # losses held in memory


def simulate_years(
    frequency: Frequency, severity: Severity, *, years: int, random: np.random.Generator
) -> FloatArray:
    """Independent yearly totals [years], money; no more than two million losses in memory at a time.

    The years come out the same for the same generator and severity, whatever the machine.
    """
    number = frequency.draw(random, years)
    totals = np.zeros(years)
    ends = np.cumsum(number)
    start = 0
    while start < years:
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _AT_ONCE, side="right")))
        losses = severity.draw(random, int(ends[stop - 1]) - before)
        year = np.repeat(np.arange(stop - start), number[start:stop])
        totals[start:stop] = np.bincount(year, weights=losses, minlength=stop - start)
        start = stop
    return totals


@dataclass(frozen=True, slots=True)
class QuantileEstimate:
    """A quantile of a sample with its interval between two order statistics, free of the distribution."""

    value: float
    lower: float  # minus infinity where the sample is too short for the interval
    upper: float  # infinity, idem
    standard_error: float  # the interval's width over that of a standard normal; infinite where it has no end
    coverage: float  # of the interval, exactly; at least what was asked for where both ends are finite
    n_obs: int


def sample_quantile(sample: npt.ArrayLike, level: float, *, confidence: float = 0.95) -> QuantileEstimate:
    r"""Quantile of independent draws, with an interval from order statistics.

    The number of draws at or below the true quantile is binomial, so that
    :math:`\Pr(X_{(i)} \le q < X_{(j)}) = \Pr(i \le B < j)` whatever the continuous distribution; i and j
    leave at most half of ``1 - confidence`` on each side. The value is the order statistic ``ceil(n level)``.

    Parameters
    ----------
    sample : array_like [n_obs]
    level : float
        Strictly between 0 and 1.
    confidence : float
        Of the interval.

    References
    ----------
    David and Nagaraja (2003), Order Statistics, 3rd ed., section 7.1.
    """
    ranked = np.sort(np.asarray(sample, dtype=np.float64))
    if ranked.ndim != 1 or ranked.size == 0 or np.isnan(ranked).any():
        raise DataError(
            "a quantile needs a sample without NaN", came=f"its shape is {ranked.shape}", do="Draw some years"
        )
    p, n = within("level", level, low=0.0, high=1.0), ranked.size
    side = 0.5 * (1.0 - within("confidence", confidence, low=0.0, high=1.0))
    low, high = _first_rank(n, p, side), _first_rank(n, p, 1.0 - side) + 1
    # Pr(B < low) is below `side`, Pr(B < high) at least 1 - side
    lower = float(ranked[low - 1]) if low >= 1 else -np.inf
    upper = float(ranked[high - 1]) if high <= n else np.inf
    coverage = (_at_most(high - 1, n, p) if high <= n else 1.0) - _at_most(low - 1, n, p)
    width = 2.0 * float(ndtri(1.0 - side))
    value = float(ranked[max(int(np.ceil(n * p - 1e-9)), 1) - 1])
    return QuantileEstimate(value, lower, upper, (upper - lower) / width, coverage, n)


def _at_most(k: int, n: int, p: float) -> float:
    """Binomial probability of at most k of n."""
    if k < 0:
        return 0.0
    return 1.0 if k >= n else float(betainc(n - k, k + 1, 1.0 - p))


def _first_rank(n: int, p: float, probability: float) -> int:
    """Smallest k with Pr(B <= k) >= probability."""
    low, high = -1, n
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _at_most(middle, n, p) < probability else (low, middle)
    return high
