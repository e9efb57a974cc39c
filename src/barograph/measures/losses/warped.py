r"""A conventional severity, bent: a mixture of normals in the normal scores of its distribution function.

With a base distribution F and the score :math:`z(x) = \Phi^{-1}(F(x))`, the amount has the distribution
function M(z(x)), M being a mixture of normals; one standard normal component gives F back exactly. Over a
lognormal base it is a mixture of lognormals. Beyond scores of ± `REACH` (about one amount in 740 on either
side) too few amounts are seen to bend anything: there only the probability is rescaled, and the tail keeps
the base's shape – its Pareto index among it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, logsumexp, ndtr, ndtri

from barograph.core.arrays import FloatArray
from barograph.core.errors import SettingError
from barograph.measures.losses.severity import Severity
from barograph.measures.search import inverse

REACH = 3.0
_BEYOND = float(ndtr(-REACH))
_LOG_BEYOND = float(log_ndtr(-REACH))
_CELLS = 48
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True, slots=True, eq=False)
class WarpedMixture:
    """Normal components, on the last axis, in the scores of a base severity.

    The axes before the last are records: of parameters ``[n, k]`` and losses ``[n]`` every record meets its
    own distribution. `draw` needs a single one, ``[k]``.

    Raises
    ------
    SettingError
        Shapes that differ, weights that do not sum to 1, or a deviation that is not positive.
    """

    base: Severity
    weights: FloatArray  # [..., k]
    means: FloatArray  # [..., k] in scores
    deviations: FloatArray  # [..., k] in scores, above 0

    def __post_init__(self) -> None:
        same = self.weights.shape == self.means.shape == self.deviations.shape and self.weights.ndim > 0
        if not (
            same
            and (self.weights >= 0.0).all()
            and np.allclose(self.weights.sum(axis=-1), 1.0, rtol=0.0, atol=1e-6)
            and (self.deviations > 0.0).all()
            and np.isfinite(self.means + self.deviations).all()
        ):
            raise SettingError(
                "components must have weights that sum to 1 and positive deviations, alike in shape",
                came=f"got {self.weights.shape}, {self.means.shape} and {self.deviations.shape}",
                do="Pass weights after a softmax and deviations after an exponential, finite all",
            )

    @property
    def knots(self) -> tuple[float, ...]:
        """Those of the base, and the ends of the bent part."""
        return tuple(sorted({*self.base.knots, *self._ends}))

    @property
    def _ends(self) -> tuple[float, float]:
        """Amounts at scores of ± `REACH`."""
        low, high = self.base.tail_quantile(np.array([1.0 - _BEYOND, _BEYOND]))
        return float(low), float(high)

    def _above(self, z: FloatArray) -> FloatArray:
        """Probability of a score above z."""
        return np.asarray((self.weights * ndtr((self.means - z[..., None]) / self.deviations)).sum(axis=-1))

    @property
    def _low_ratio(self) -> FloatArray:
        """Probability below the bent part over that of the base, [...]."""
        part = ndtr((-REACH - self.means) / self.deviations)
        return np.asarray((self.weights * part).sum(axis=-1) / _BEYOND)

    @property
    def _high_ratio(self) -> FloatArray:
        """Probability above the bent part over that of the base, [...]."""
        return self._above(np.asarray(REACH)) / _BEYOND

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        """Log density, minus infinity outside the support."""
        at = np.asarray(x, dtype=np.float64)
        z = scores(self.base, at)
        inside = np.clip(z, -REACH, REACH)
        away = (inside[..., None] - self.means) / self.deviations
        with np.errstate(divide="ignore"):
            parts = np.log(self.weights) - np.log(self.deviations) - 0.5 * away**2
            tilt = logsumexp(parts, axis=-1) + 0.5 * inside**2
            tilt = np.where(z < -REACH, np.log(self._low_ratio), tilt)
            tilt = np.where(z > REACH, np.log(self._high_ratio), tilt)
        return np.asarray(tilt + self.base.log_density(at))

    def survival(self, x: npt.ArrayLike) -> FloatArray:
        """Probability of more than x."""
        at = np.asarray(x, dtype=np.float64)
        beyond = self.base.survival(at)
        z = -ndtri(beyond)
        middle = self._above(np.clip(z, -REACH, REACH))
        middle = np.where(z > REACH, beyond * self._high_ratio, middle)
        return np.where(z < -REACH, 1.0 - (1.0 - beyond) * self._low_ratio, middle)

    def tail_quantile(self, p: npt.ArrayLike) -> FloatArray:
        """The amount exceeded with probability p, by bisection within the bent part."""
        share = np.asarray(p, dtype=np.float64)
        low, high = self._low_ratio, self._high_ratio
        wanted = np.broadcast_to(share, np.broadcast_shapes(share.shape, low.shape))
        known = (wanted >= 0.0) & (wanted <= 1.0)
        ends = np.full(wanted.shape, REACH)
        z = -inverse(self._above_mirrored, np.where(known, wanted, 0.5), -ends, ends)
        with np.errstate(divide="ignore", invalid="ignore"):
            base = ndtr(-z)
            base = np.where(wanted < high * _BEYOND, wanted / high, base)
            base = np.where(1.0 - wanted < low * _BEYOND, 1.0 - (1.0 - wanted) / low, base)
        return self.base.tail_quantile(np.where(known, np.clip(base, 0.0, 1.0), np.nan))

    def _above_mirrored(self, mirrored: FloatArray) -> FloatArray:
        return self._above(-mirrored)

    def limited_mean(self, x: npt.ArrayLike) -> FloatArray:
        """E[min(X, x)] for x >= 0; within the bent part by quadrature between its quantiles."""
        records = self.weights.shape[:-1]
        limit = np.asarray(x, dtype=np.float64)
        shape = np.broadcast_shapes(limit.shape, records)
        limit = np.broadcast_to(limit, shape)
        low, high = self._ends
        edges = self._edges()
        places = np.clip(np.searchsorted(edges, limit, side="right") - 1, 0, edges.size - 1)
        first = low - self._low_ratio * (low - self.base.limited_mean(low))
        until = self._integrals(edges)  # [E, *records]
        picked = np.take_along_axis(until, places[None], axis=0)[0] if records else until[places]
        middle = first + picked + self._integral(edges[places], np.clip(limit, low, high))
        far = self.base.limited_mean(np.maximum(limit, high)) - self.base.limited_mean(high)
        above = first + until[-1] + self._high_ratio * far
        under = np.minimum(limit, low)
        below = under - self._low_ratio * (under - self.base.limited_mean(under))
        return np.where(limit < low, below, np.where(limit > high, above, middle))

    def squared_part(self, threshold: float) -> tuple[FloatArray, float, FloatArray]:
        """Integral of the squared survival function from a threshold to the end of the bent part.

        Returns
        -------
        tuple
            That integral, [...]; the amount where the bent part (or the threshold) ends; and the factor by
            which the base's survival function is multiplied from there on, [...].
        """
        high = self._ends[1]
        end = max(threshold, high)
        start = min(threshold, high)
        edges = np.unique(np.clip(np.concatenate([[0.0, *self.base.knots], self._edges()]), start, high))
        grid = edges.reshape(-1, *(1,) * (self.weights.ndim - 1))
        return self._integral(grid[:-1], grid[1:], power=2).sum(axis=0), end, self._high_ratio

    def second_moment(self) -> FloatArray:
        """E[X²], infinite where the base's is."""
        whole = self.base.second_moment()
        if not np.isfinite(whole).all():
            return np.full(self.weights.shape[:-1], np.inf)
        low, high = self._ends
        edges = self._edges()
        grid = edges.reshape(-1, *(1,) * (self.weights.ndim - 1))
        own = self._integral(grid[:-1], grid[1:], moment=True).sum(axis=0)
        inner, outer = _squares(self.base, low), whole - _squares(self.base, high)
        at_ends = low**2 * self.survival(low) - high**2 * self.survival(high)
        return np.asarray(self._low_ratio * inner + own + at_ends + self._high_ratio * outer)

    def draw(self, random: np.random.Generator, size: int) -> FloatArray:
        """Independent losses [size] of a single mixture."""
        if self.weights.ndim != 1:
            raise SettingError(
                "losses are drawn from one mixture",
                came=f"got {self.weights.shape[:-1]} of them",
                do="Take one record's parameters",
            )
        which = random.choice(self.weights.size, size=size, p=self.weights / self.weights.sum())
        z = self.means[which] + self.deviations[which] * random.standard_normal(size)
        beyond = _BEYOND * random.random(size)
        share = np.where(z > REACH, beyond, np.where(z < -REACH, 1.0 - beyond, ndtr(-z)))
        return self.base.tail_quantile(share)

    def _edges(self) -> FloatArray:
        """Amounts between which the bent part is integrated, ascending; jumps of the base among them."""
        low, high = self._ends
        grid = self.base.tail_quantile(ndtr(-np.linspace(-REACH, REACH, _CELLS + 1)))
        inner = [knot for knot in self.base.knots if low < knot < high]
        return np.unique(np.concatenate([np.clip(grid, low, high), inner, [low, high]]))

    def _integrals(self, edges: FloatArray) -> FloatArray:
        """Integral of the survival function from the first edge to each, [E, *records]."""
        grid = edges.reshape(-1, *(1,) * (self.weights.ndim - 1))
        each = self._integral(grid[:-1], grid[1:])
        return np.concatenate([np.zeros((1, *each.shape[1:])), np.cumsum(each, axis=0)])

    def _integral(
        self, start: FloatArray, end: FloatArray, *, moment: bool = False, power: int = 1
    ) -> FloatArray:
        """Of the survival function's power (of 2x times it, for a moment) between two amounts."""
        half, centre = 0.5 * (end - start), 0.5 * (end + start)
        total = np.zeros(np.broadcast_shapes(half.shape, self.weights.shape[:-1]))
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            at = centre + half * node
            total = total + weight * half * self.survival(at) ** power * (2.0 * at if moment else 1.0)
        return total


def scores(base: Severity, x: npt.ArrayLike) -> FloatArray:
    """Normal scores ``Φ⁻¹(F(x))`` of amounts under a base severity; infinite outside its support."""
    return np.asarray(-ndtri(base.survival(x)))


def _squares(base: Severity, limit: float) -> FloatArray:
    """E[X²; X <= limit] of a severity, by quadrature between its own quantiles."""
    levels = ndtr(-np.linspace(-8.0, 8.0, 4 * _CELLS + 1))
    grid = np.concatenate([[0.0], base.tail_quantile(levels), base.knots, [limit]])
    edges = np.unique(np.minimum(grid, limit))
    half, centre = 0.5 * np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    total = 0.0
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        at = centre + half * node
        total += weight * float((half * 2.0 * at * base.survival(at)).sum())
    return np.asarray(total - limit**2 * base.survival(limit))
