"""The generalised Pareto distribution of losses over a threshold, and its maximum-likelihood fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import exprel

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.measures.losses.checks import amounts, positive
from barograph.measures.search import peak

FEWEST_EXCEEDANCES = 10
"""Losses over the threshold that a fit asks for."""


@dataclass(frozen=True, slots=True)
class GeneralisedPareto:
    r"""Losses over a threshold u: :math:`\Pr(X > x) = (1 + \xi (x - u) / \beta)^{-1/\xi}`.

    For shape 0 the exponential ``exp(-(x - u) / β)``; for a negative shape losses end at ``u - β / ξ``; from
    shape 1 on the mean is infinite.

    References
    ----------
    McNeil, Frey and Embrechts (2015), Quantitative Risk Management, section 5.2.
    """

    shape: float  # ξ
    scale: float  # β, money
    threshold: float = 0.0  # u, money

    def __post_init__(self) -> None:
        positive("scale", self.scale)

    @property
    def knots(self) -> tuple[float, ...]:
        """The threshold, where it is above 0, and the end of the support, where there is one."""
        ends = (self.threshold, self.threshold - self.scale / self.shape if self.shape < 0.0 else np.inf)
        return tuple(end for end in ends if 0.0 < end < np.inf)

    def _exponent(self, x: npt.ArrayLike) -> FloatArray:
        """``ln(1 + ξ y / β) / ξ`` of the excess y, which is minus the log of the survival probability."""
        excess = np.maximum(np.asarray(x, dtype=np.float64) - self.threshold, 0.0) / self.scale
        if self.shape == 0.0:
            return np.asarray(excess)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log1p(np.maximum(self.shape * excess, -1.0)) / self.shape)

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        """Log density, minus infinity outside the support."""
        at, exponent = np.asarray(x, dtype=np.float64), self._exponent(x)
        inside = (at >= self.threshold) & (exponent < np.inf)
        value = -np.log(self.scale) - (1.0 + self.shape) * np.where(inside, exponent, 0.0)
        return np.where(inside, value, np.where(np.isnan(at), np.nan, -np.inf))

    def survival(self, x: npt.ArrayLike) -> FloatArray:
        """Probability of more than x."""
        return np.asarray(np.exp(-self._exponent(x)))

    def tail_quantile(self, p: npt.ArrayLike) -> FloatArray:
        """The amount exceeded with probability p."""
        share = np.asarray(p, dtype=np.float64)
        with np.errstate(divide="ignore"):
            exponent = -np.log(np.where((share >= 0.0) & (share <= 1.0), share, np.nan))
        if self.shape == 0.0:
            return np.asarray(self.threshold + self.scale * exponent)
        return np.asarray(self.threshold + self.scale * np.expm1(self.shape * exponent) / self.shape)

    def limited_mean(self, x: npt.ArrayLike) -> FloatArray:
        """E[min(X, x)] for x >= 0; at infinity ``u + β / (1 - ξ)``, infinite for shapes from 1."""
        limit, exponent = np.asarray(x, dtype=np.float64), self._exponent(x)
        whole = self.scale / (1.0 - self.shape) if self.shape < 1.0 else np.inf
        finite = np.where(exponent < np.inf, exponent, 0.0)
        grown = self.scale * finite * exprel(-(1.0 - self.shape) * finite)
        return np.minimum(limit, self.threshold) + np.where(exponent < np.inf, grown, whole)

    def second_moment(self) -> FloatArray:
        """E[X²], infinite for shapes from 1/2 on."""
        if self.shape >= 0.5:
            return np.asarray(np.inf)
        mean = self.scale / (1.0 - self.shape)
        return np.asarray(
            self.threshold**2 + 2.0 * mean * (self.threshold + self.scale / (1.0 - 2.0 * self.shape))
        )

    def draw(self, random: np.random.Generator, size: int) -> FloatArray:
        """Independent losses [size]."""
        return self.tail_quantile(random.random(size))


def fit_pareto(losses: npt.ArrayLike, *, threshold: float) -> GeneralisedPareto:
    r"""Maximum likelihood of the losses over a threshold; those at or below it are left aside.

    Grimshaw's reduction to one number: at :math:`\theta = \xi / \beta` the best shape is the mean of
    :math:`\ln(1 + \theta y)`, so the likelihood is searched over :math:`\theta` alone. Shapes are kept above
    -1/2, below which maximum likelihood has no usual theory.

    Parameters
    ----------
    losses : array_like [n_losses]
    threshold : float
        Same money.

    Raises
    ------
    DataError
        Fewer than `FEWEST_EXCEEDANCES` losses over the threshold, or all alike.

    References
    ----------
    Grimshaw (1993), Computing maximum likelihood estimates for the generalized Pareto distribution,
    Technometrics 35; Smith (1985), Maximum likelihood estimation in a class of nonregular cases, Biometrika
    72 (the bound of -1/2).
    """
    excess = amounts(losses) - threshold
    excess = excess[excess > 0.0]
    if excess.size < FEWEST_EXCEEDANCES or np.ptp(excess) == 0.0:
        raise DataError(
            f"a tail needs at least {FEWEST_EXCEEDANCES} losses over its threshold, not all alike",
            came=f"got {excess.size} over {threshold:g}",
            do="Lower the threshold or give a longer history",
        )
    mean = float(excess.mean())
    unit = excess / mean
    grid = np.concatenate([-np.geomspace(0.999 / unit.max(), 1e-3, 40), [0.0], np.geomspace(1e-3, 1e4, 80)])
    theta = peak(lambda points: _profile(unit, points), grid)
    shape = float(np.log1p(theta * unit).mean())
    if abs(theta) < 1e-9:
        return GeneralisedPareto(0.0, mean, threshold)
    return GeneralisedPareto(shape, mean * shape / theta, threshold)


def _profile(unit: FloatArray, theta: FloatArray) -> FloatArray:
    """Log-likelihood per loss at the best shape for each θ = ξ/β; minus infinity for shapes below -1/2."""
    shape = np.array([float(np.log1p(at * unit).mean()) for at in theta])
    ratio = np.where(theta == 0.0, 1.0, shape / np.where(theta == 0.0, 1.0, theta))
    return np.where(shape < -0.5, -np.inf, -np.log(ratio) - shape - 1.0)
