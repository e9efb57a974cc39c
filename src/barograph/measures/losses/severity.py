"""What a severity distribution must answer, and the lognormal, whole or within bounds.

A severity is the size of one loss, in money. Every distribution of this package answers the same few
questions, so that the year's total, the scores and the tests take any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from barograph.core.arrays import FloatArray
from barograph.core.errors import SettingError
from barograph.measures.losses.checks import positive

_LOG_ROOT_TWO_PI = 0.5 * float(np.log(2.0 * np.pi))


class Severity(Protocol):
    """A distribution of positive amounts; arguments and answers broadcast elementwise."""

    @property
    def knots(self) -> tuple[float, ...]:
        """Amounts at which the density jumps, ascending and finite."""

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        """Log density, minus infinity outside the support."""

    def survival(self, x: npt.ArrayLike) -> FloatArray:
        """Probability of more than x, accurate far out."""

    def tail_quantile(self, p: npt.ArrayLike) -> FloatArray:
        """The amount exceeded with probability p, accurate for tiny p; NaN outside [0, 1]."""

    def limited_mean(self, x: npt.ArrayLike) -> FloatArray:
        """E[min(X, x)] for x >= 0; at infinity the mean, which may be infinite."""

    def second_moment(self) -> FloatArray:
        """E[X²], which may be infinite."""

    def draw(self, random: np.random.Generator, size: int) -> FloatArray:
        """Independent losses [size]."""


def cumulative(severity: Severity, x: npt.ArrayLike) -> FloatArray:
    """Probability of at most x."""
    return np.asarray(1.0 - severity.survival(x))


def quantile(severity: Severity, level: npt.ArrayLike) -> FloatArray:
    """The amount not exceeded with probability `level`; near 1 `tail_quantile` has more digits."""
    return severity.tail_quantile(1.0 - np.asarray(level, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Lognormal, or the part of it between two bounds.

    Raises
    ------
    SettingError
        Where sd_log is not positive, or next to no probability lies between the bounds.

    Examples
    --------
    >>> round(float(Lognormal(0.0, 2.0).limited_mean(float("inf"))), 4)
    7.3891
    """

    mean_log: float  # of the logarithm of the untruncated variable
    sd_log: float
    lower: float = 0.0  # reporting threshold: smaller losses are not recorded
    upper: float = np.inf

    def __post_init__(self) -> None:
        positive("sd_log", self.sd_log)
        if not (0.0 <= self.lower < self.upper and self._mass > 0.0):
            raise SettingError(
                "lower must be below upper with some of the distribution between them",
                came=f"got {self.lower:g} and {self.upper:g} at mean_log {self.mean_log:g}",
                do="Choose other bounds, or a distribution with more of its weight between them",
            )

    @property
    def knots(self) -> tuple[float, ...]:
        """The finite bounds above 0."""
        return tuple(bound for bound in (self.lower, self.upper) if 0.0 < bound < np.inf)

    @property
    def _mass(self) -> float:
        return float(between(self._score(self.lower), self._score(self.upper)))

    def _score(self, x: npt.ArrayLike) -> FloatArray:
        with np.errstate(divide="ignore"):
            return np.asarray((np.log(np.asarray(x, dtype=np.float64)) - self.mean_log) / self.sd_log)

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        """Log density, minus infinity outside the bounds."""
        at = np.asarray(x, dtype=np.float64)
        inside = (at >= self.lower) & (at <= self.upper) & (at > 0.0)
        safe = np.where(inside, at, max(self.lower, 1e-300))
        z = self._score(safe)
        value = -0.5 * z**2 - np.log(safe * self.sd_log * self._mass) - _LOG_ROOT_TWO_PI
        return np.where(inside, value, np.where(np.isnan(at), np.nan, -np.inf))

    def survival(self, x: npt.ArrayLike) -> FloatArray:
        """Probability of more than x."""
        at = np.clip(np.asarray(x, dtype=np.float64), self.lower, self.upper)
        return np.asarray(between(self._score(at), self._score(self.upper)) / self._mass)

    def tail_quantile(self, p: npt.ArrayLike) -> FloatArray:
        """The amount exceeded with probability p."""
        share = np.asarray(p, dtype=np.float64)
        share = np.where((share >= 0.0) & (share <= 1.0), share, np.nan)
        beyond = ndtr(-self._score(self.upper)) + share * self._mass
        z = np.where(beyond > 0.5, ndtri(ndtr(self._score(self.upper)) - share * self._mass), -ndtri(beyond))
        return np.clip(np.exp(self.mean_log + self.sd_log * z), self.lower, self.upper)

    def limited_mean(self, x: npt.ArrayLike) -> FloatArray:
        """E[min(X, x)] for x >= 0."""
        limit = np.asarray(x, dtype=np.float64)
        to = np.clip(limit, self.lower, self.upper)
        grown = float(np.exp(self.mean_log + 0.5 * self.sd_log**2))
        below = grown * between(self._score(self.lower) - self.sd_log, self._score(to) - self.sd_log)
        rest = self.survival(to)
        capped = np.where(rest > 0.0, np.where(limit < self.lower, limit, to), 0.0)
        return np.asarray(below / self._mass + capped * rest)

    def second_moment(self) -> FloatArray:
        """E[X²]."""
        low, high = (self._score(bound) - 2.0 * self.sd_log for bound in (self.lower, self.upper))
        return np.asarray(np.exp(2.0 * (self.mean_log + self.sd_log**2)) * between(low, high) / self._mass)

    def draw(self, random: np.random.Generator, size: int) -> FloatArray:
        """Independent losses [size]."""
        return self.tail_quantile(random.random(size))


def between(low: npt.ArrayLike, high: npt.ArrayLike) -> FloatArray:
    """Standard normal probability between two scores, on the side of zero where no digits are lost."""
    a, b = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    return np.where(a > 0.0, ndtr(-a) - ndtr(-b), ndtr(b) - ndtr(a))
