"""Severity as a mixture of lognormals: one distribution, or one per record as a network gives them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp, ndtr, ndtri

from barograph.core.arrays import FloatArray
from barograph.core.errors import SettingError
from barograph.measures.losses.severity import between
from barograph.measures.search import inverse

_LOG_ROOT_TWO_PI = 0.5 * float(np.log(2.0 * np.pi))
_FARTHEST = 38.0  # scores beyond which normal probabilities vanish from floating point


@dataclass(frozen=True, slots=True, eq=False)
class LognormalMixture:
    """Weighted lognormals, the components on the last axis, over a common reporting threshold.

    The axes before the last are records: arguments broadcast against them, so that of parameters
    ``[n, k]`` and losses ``[n]`` every record meets its own distribution. `draw` needs a single one, ``[k]``.

    Raises
    ------
    SettingError
        Shapes that differ, weights that are negative or do not sum to 1, an sd_log that is not positive, or
        next to nothing above the threshold.

    Examples
    --------
    >>> both = LognormalMixture(np.array([0.5, 0.5]), np.zeros(2), np.array([1.0, 2.0]))
    >>> float(both.survival(1.0))
    0.5
    """

    weights: FloatArray  # [..., k]
    mean_logs: FloatArray  # [..., k], of the untruncated components
    sd_logs: FloatArray  # [..., k]
    lower: float = 0.0  # reporting threshold: smaller losses are not recorded

    def __post_init__(self) -> None:
        same = self.weights.shape == self.mean_logs.shape == self.sd_logs.shape and self.weights.ndim > 0
        if not (
            same
            and (self.weights >= 0.0).all()
            and np.allclose(self.weights.sum(axis=-1), 1.0, rtol=0.0, atol=1e-6)
            and (self.sd_logs > 0.0).all()
            and np.isfinite(self.mean_logs + self.sd_logs).all()
            and (self._above > 0.0).all()
        ):
            raise SettingError(
                "components must have weights that sum to 1 and positive sd_logs, alike in shape",
                came=f"got {self.weights.shape}, {self.mean_logs.shape} and {self.sd_logs.shape}",
                do="Pass weights after a softmax and spreads after an exponential, finite all",
            )

    @property
    def knots(self) -> tuple[float, ...]:
        """The reporting threshold, where there is one."""
        return (self.lower,) if self.lower > 0.0 else ()

    @property
    def _above(self) -> FloatArray:
        """Probability above the threshold before truncation, [...]."""
        return self._sum(ndtr(-self._score(np.asarray(self.lower))))

    def _sum(self, values: FloatArray) -> FloatArray:
        return np.asarray((self.weights * values).sum(axis=-1))

    def _score(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            return np.asarray((np.log(x)[..., None] - self.mean_logs) / self.sd_logs)

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        """Log density, minus infinity outside the support."""
        at = np.asarray(x, dtype=np.float64)
        inside = (at >= self.lower) & (at > 0.0)
        safe = np.where(inside, at, max(self.lower, 1e-300))
        with np.errstate(divide="ignore"):
            parts = np.log(self.weights) - 0.5 * self._score(safe) ** 2 - np.log(self.sd_logs)
        value = logsumexp(parts, axis=-1) - np.log(safe) - _LOG_ROOT_TWO_PI - np.log(self._above)
        return np.where(inside, value, np.where(np.isnan(at), np.nan, -np.inf))

    def survival(self, x: npt.ArrayLike) -> FloatArray:
        """Probability of more than x."""
        at = np.maximum(np.asarray(x, dtype=np.float64), self.lower)
        return np.asarray(self._sum(ndtr(-self._score(at))) / self._above)

    def tail_quantile(self, p: npt.ArrayLike) -> FloatArray:
        """The amount exceeded with probability p, by bisection between the components' own quantiles."""
        share = np.asarray(p, dtype=np.float64)
        share = np.where((share >= 0.0) & (share <= 1.0), share, np.nan)
        wanted = np.asarray(share * self._above)
        scores = np.clip(-ndtri(wanted), -_FARTHEST, _FARTHEST)[..., None]
        used = np.where(self.weights > 0.0, self.mean_logs + self.sd_logs * scores, np.nan)
        low, high = np.fmin.reduce(used, axis=-1), np.fmax.reduce(used, axis=-1)
        logs = inverse(
            lambda at: -self._sum(ndtr((self.mean_logs - at[..., None]) / self.sd_logs)), -wanted, low, high
        )
        found = np.maximum(np.exp(logs), self.lower)
        found = np.where(share == 0.0, np.inf, np.where(share == 1.0, self.lower, found))
        return np.where(np.isnan(share), np.nan, found)

    def limited_mean(self, x: npt.ArrayLike) -> FloatArray:
        """E[min(X, x)] for x >= 0."""
        limit = np.asarray(x, dtype=np.float64)
        to = np.maximum(limit, self.lower)
        grown = np.exp(self.mean_logs + 0.5 * self.sd_logs**2)
        start = self._score(np.asarray(self.lower)) - self.sd_logs
        below = self._sum(grown * between(start, self._score(to) - self.sd_logs))
        rest = self.survival(to)
        return np.asarray(below / self._above + np.where(rest > 0.0, limit, 0.0) * rest)

    def second_moment(self) -> FloatArray:
        """E[X²]."""
        score = self._score(np.asarray(self.lower)) - 2.0 * self.sd_logs
        grown = np.exp(2.0 * (self.mean_logs + self.sd_logs**2))
        return np.asarray(self._sum(grown * ndtr(-score)) / self._above)

    def draw(self, random: np.random.Generator, size: int) -> FloatArray:
        """Independent losses [size] of a single mixture."""
        if self.weights.ndim != 1:
            raise SettingError(
                "losses are drawn from one mixture",
                came=f"got {self.weights.shape[:-1]} of them",
                do="Take one record's parameters",
            )
        # Given a loss above the threshold, the component has its weight times its own share above it
        above = ndtr(-self._score(np.asarray(self.lower)))
        share = self.weights * above / self._above
        which = random.choice(self.weights.size, size=size, p=share / share.sum())
        z = -ndtri((1.0 - random.random(size)) * above[which])
        return np.asarray(np.exp(self.mean_logs[which] + self.sd_logs[which] * z))
