"""The one-factor portfolio of Vasicek: how bad the default rate of many alike loans can get.

Vasicek (2002), Loan portfolio value, Risk 15(12); Gordy (2003), A risk-factor model foundation for
ratings-based bank capital rules, Journal of Financial Intermediation 12. Asset values are jointly normal with
one common `correlation` ρ; the portfolio is infinitely granular. N is the normal distribution function, G its
inverse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, owens_t

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class DefaultRateMoments:
    """Moments of the portfolio's default rate, and of two loans in it."""

    mean: FloatArray
    standard_deviation: FloatArray
    joint_default: FloatArray  # probability that two given loans both default
    default_correlation: FloatArray  # of the two default indicators


def worst_case_default_rate(
    pd: npt.ArrayLike, *, correlation: npt.ArrayLike, level: npt.ArrayLike = 0.999
) -> FloatArray:
    """Default rate not exceeded with probability `level`: ``N((G(PD) + √ρ G(level)) / √(1 - ρ))``.

    Examples
    --------
    >>> round(float(worst_case_default_rate(0.02, correlation=0.1)), 4)
    0.1282
    """
    chance, shared = _checked(pd, correlation)
    bad_state = ndtri(np.asarray(level, dtype=np.float64))
    quantile = (ndtri(chance) + np.sqrt(shared) * bad_state) / np.sqrt(1.0 - shared)
    return np.asarray(ndtr(quantile), dtype=np.float64)


def loss_quantile(
    pd: npt.ArrayLike,
    *,
    lgd: npt.ArrayLike,
    ead: npt.ArrayLike,
    correlation: npt.ArrayLike,
    level: float = 0.999,
) -> float:
    """Loss of a portfolio not exceeded with probability `level`, money; expected loss included.

    Every loan's loss rises with the one factor, so that the portfolio's quantile is the sum of the loans'
    conditional expectations, ``Σ EAD · LGD · worst-case default rate`` (Gordy 2003, proposition 5).
    """
    rate = worst_case_default_rate(pd, correlation=correlation, level=level)
    return float(np.sum(np.asarray(ead, dtype=np.float64) * np.asarray(lgd, dtype=np.float64) * rate))


def default_rate_cdf(rate: npt.ArrayLike, *, pd: npt.ArrayLike, correlation: npt.ArrayLike) -> FloatArray:
    """Probability that the default rate stays below `rate`: ``N((√(1 - ρ) G(rate) - G(PD)) / √ρ)``."""
    chance, shared = _checked(pd, correlation)
    place = (np.sqrt(1.0 - shared) * ndtri(np.asarray(rate)) - ndtri(chance)) / np.sqrt(shared)
    return np.asarray(ndtr(place), dtype=np.float64)


def default_rate_density(rate: npt.ArrayLike, *, pd: npt.ArrayLike, correlation: npt.ArrayLike) -> FloatArray:
    """Density of the default rate at `rate`, strictly between 0 and 1 (Vasicek 2002)."""
    chance, shared = _checked(pd, correlation)
    quantile = ndtri(np.asarray(rate, dtype=np.float64))
    place = (np.sqrt(1.0 - shared) * quantile - ndtri(chance)) / np.sqrt(shared)
    return np.asarray(np.sqrt((1.0 - shared) / shared) * np.exp(0.5 * quantile**2 - 0.5 * place**2))


def joint_default_probability(pd: npt.ArrayLike, *, correlation: npt.ArrayLike) -> FloatArray:
    """Probability that two loans of equal PD both default: the bivariate normal ``N₂(G(PD), G(PD); ρ)``.

    By Owen's T function it is ``PD - 2 T(G(PD), √((1 - ρ) / (1 + ρ)))`` (Owen 1956, Tables for computing
    bivariate normal probabilities, Annals of Mathematical Statistics 27).
    """
    chance, shared = _checked(pd, correlation)
    return np.asarray(chance - 2.0 * owens_t(ndtri(chance), np.sqrt((1.0 - shared) / (1.0 + shared))))


def default_rate_moments(pd: npt.ArrayLike, *, correlation: npt.ArrayLike) -> DefaultRateMoments:
    """Mean PD, variance ``joint - PD²`` and ``variance / (PD (1 - PD))``, the default correlation."""
    chance, shared = _checked(pd, correlation)
    joint = joint_default_probability(chance, correlation=shared)
    variance = np.maximum(joint - chance**2, 0.0)
    return DefaultRateMoments(chance, np.sqrt(variance), joint, variance / (chance * (1.0 - chance)))


def _checked(pd: npt.ArrayLike, correlation: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    chance, shared = np.asarray(pd, dtype=np.float64), np.asarray(correlation, dtype=np.float64)
    if np.any((chance <= 0.0) | (chance >= 1.0)) or np.any((shared <= 0.0) | (shared >= 1.0)):
        raise DataError(
            "PD and correlation of a portfolio must lie strictly between 0 and 1",
            came=f"got PDs from {np.nanmin(chance):g} to {np.nanmax(chance):g}, "
            f"correlations from {np.nanmin(shared):g} to {np.nanmax(shared):g}",
            do="Leave out loans in default and apply a floor to the PD",
        )
    return chance, shared
