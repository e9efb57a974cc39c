"""Curves of few numbers: Nelson-Siegel and Svensson.

Yields are continuous zero rates in the unit of the factors (decimals or percent); maturities and the decay
share a unit of time: `decay` is per month with months, per year with years (.0609 a month is .7308 a year),
``tau = 1 / decay``.

Sources: Nelson and Siegel (1987), Parsimonious modeling of yield curves, Journal of Business 60; Svensson
(1994), Estimating and interpreting forward interest rates, NBER 4871; Diebold and Li (2006), Forecasting the
term structure of government bond yields, Journal of Econometrics 130; ECB, Technical notes on the euro area
yield curves (Svensson's form in tau).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.measures.search import peak

DIEBOLD_LI = 0.0609
"""Decay per month of Diebold and Li, which they chose so that the curvature peaks near 30 months."""

_TAUS = np.geomspace(0.25, 20.0, 25)
_FINER, _ROUNDS = 9, 7


@dataclass(frozen=True, slots=True, eq=False)
class CurveFit:
    """A curve fitted to yields; factors in the unit of the yields."""

    factors: FloatArray  # [3] or [4]: level, slope, curvature, second curvature
    taus: tuple[float, ...]  # one or two, the unit of the maturities
    residuals: FloatArray  # [n_quoted] yield less fit

    @property
    def error(self) -> float:
        """Root mean square of the residuals."""
        return float(np.sqrt(np.mean(self.residuals**2)))


def loadings(maturities: npt.ArrayLike, decay: float = DIEBOLD_LI) -> FloatArray:
    """Level, slope and curvature loadings, [n, 3].

    ``1``, ``(1 - e^(-λt)) / (λt)`` and that less ``e^(-λt)``; at maturity zero their limits 1, 1, 0.

    Examples
    --------
    >>> loadings([30.0]).round(4).tolist()
    [[1.0, 0.4593, 0.2984]]
    """
    scaled = _positive("a decay", decay) * np.atleast_1d(np.asarray(maturities, np.float64))
    slope, curvature = _shapes(scaled)
    return np.stack([np.ones(scaled.shape), slope, curvature], axis=-1)


def svensson_loadings(maturities: npt.ArrayLike, *, tau1: float, tau2: float) -> FloatArray:
    """Nelson-Siegel's loadings at ``1 / tau1`` and a second curvature at ``1 / tau2``, [n, 4]."""
    years = np.atleast_1d(np.asarray(maturities, np.float64))
    second = _shapes(years / _positive("a tau", tau2))[1]
    return np.concatenate([loadings(years, 1.0 / _positive("a tau", tau1)), second[:, None]], axis=-1)


def spot(maturities: npt.ArrayLike, factors: npt.ArrayLike, taus: tuple[float, ...]) -> FloatArray:
    """Zero rates of a curve, [..., n], from factors [..., 3] and one tau, or [..., 4] and two."""
    return np.asarray(np.asarray(factors, np.float64) @ _loadings(maturities, taus).T)


def instantaneous_forward(
    maturities: npt.ArrayLike, factors: npt.ArrayLike, taus: tuple[float, ...]
) -> FloatArray:
    """Forward rates of a curve, ``d(t z) / dt = β0 + β1 e^(-t/τ1) + β2 (t/τ1) e^(-t/τ1) + …``, [..., n]."""
    years, beta = np.atleast_1d(np.asarray(maturities, np.float64)), np.asarray(factors, np.float64)
    first = years / taus[0]
    parts = [np.ones(years.shape), np.exp(-first), first * np.exp(-first)]
    parts += [years / tau * np.exp(-years / tau) for tau in taus[1:]]
    return np.asarray(beta @ np.stack(parts))


def fit_factors(yields: npt.ArrayLike, maturities: npt.ArrayLike, decay: float = DIEBOLD_LI) -> FloatArray:
    """Least-squares level, slope and curvature of every day at a given decay, [..., 3] (Diebold and Li).

    Parameters
    ----------
    yields : array_like [..., n_maturities]
        NaN where not quoted; the others of the day are used.
    maturities : array_like [n_maturities]
    decay : float

    Raises
    ------
    DataError
        A day has fewer than three quoted maturities: three factors need three.
    """
    rows = np.asarray(yields, np.float64)
    flat, shape = rows.reshape(-1, rows.shape[-1]), loadings(maturities, decay)
    found = np.full((flat.shape[0], 3), np.nan)
    patterns, which = np.unique(np.isfinite(flat), axis=0, return_inverse=True)
    for number, quoted in enumerate(patterns):
        _enough(int(quoted.sum()), 3)
        days = np.flatnonzero(which.reshape(-1) == number)
        found[days] = np.linalg.lstsq(shape[quoted], flat[days][:, quoted].T)[0].T
    return found.reshape(*rows.shape[:-1], 3)


def fit_nelson_siegel(yields: npt.ArrayLike, maturities: npt.ArrayLike) -> CurveFit:
    """Least squares over the factors and tau of one day: factors by regression, tau by search in .25 … 20.

    Maturities are then years. NaN yields are left out.

    Raises
    ------
    DataError
        Fewer than four quoted maturities: four numbers need four.
    """
    rates, years = _quoted(yields, maturities, 4)
    best = peak(lambda taus: -np.array([_solve(rates, years, (float(t),))[1] for t in taus]), _TAUS)
    return _fit(rates, years, (best,))


def fit_svensson(yields: npt.ArrayLike, maturities: npt.ArrayLike) -> CurveFit:
    """Least squares over the four factors and two taus of one day, in years; ``tau1 < tau2``.

    For each pair of taus the factors are a regression; pairs are searched on a grid of 25 × 25 from .25 to
    20 years, then on finer grids about the best. Taus less than a tenth apart are not looked at: their
    curvatures are one, and the factors would run away in opposite directions (Gilli, Große and Schumann 2010,
    Calibrating the Nelson-Siegel-Svensson model).

    Raises
    ------
    DataError
        Fewer than six quoted maturities: six numbers need six.
    """
    rates, years = _quoted(yields, maturities, 6)
    first = second = _TAUS
    best = (float(first[0]), float(second[-1]))
    for _ in range(_ROUNDS):
        pairs = [(float(a), float(b)) for a in first for b in second if b >= 1.1 * a]
        losses = [_solve(rates, years, pair)[1] for pair in pairs]
        best = pairs[int(np.argmin(losses))]
        first, second = (_around(grid, tau) for grid, tau in zip((first, second), best, strict=True))
    return _fit(rates, years, best)


def _around(grid: FloatArray, found: float) -> FloatArray:
    """A finer grid over the two cells beside the value found; the value itself is on it."""
    place = int(np.argmin(np.abs(grid - found)))
    low, high = grid[max(place - 1, 0)], grid[min(place + 1, grid.size - 1)]
    return np.union1d(np.geomspace(low, high, _FINER), [found])


def _fit(rates: FloatArray, years: FloatArray, taus: tuple[float, ...]) -> CurveFit:
    factors, _ = _solve(rates, years, taus)
    return CurveFit(factors, taus, rates - spot(years, factors, taus))


def _solve(rates: FloatArray, years: FloatArray, taus: tuple[float, ...]) -> tuple[FloatArray, float]:
    shape = _loadings(years, taus)
    factors = np.asarray(np.linalg.lstsq(shape, rates)[0], np.float64)
    return factors, float(np.sum((rates - shape @ factors) ** 2))


def _loadings(maturities: npt.ArrayLike, taus: tuple[float, ...]) -> FloatArray:
    if len(taus) == 1:
        return loadings(maturities, 1.0 / _positive("a tau", taus[0]))
    return svensson_loadings(maturities, tau1=taus[0], tau2=taus[1])


def _shapes(scaled: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slope and curvature at ``λt``; near zero by their limits."""
    safe = np.where(scaled == 0.0, 1.0, scaled)
    slope = np.where(scaled == 0.0, 1.0, -np.expm1(-safe) / safe)
    return slope, slope - np.exp(-scaled)


def _quoted(yields: npt.ArrayLike, maturities: npt.ArrayLike, least: int) -> tuple[FloatArray, FloatArray]:
    rates, years = np.asarray(yields, np.float64), np.asarray(maturities, np.float64)
    known = np.isfinite(rates)
    _enough(int(known.sum()), least)
    return rates[known], years[known]


def _enough(found: int, least: int) -> None:
    if found < least:
        raise DataError(
            f"a fit of this curve needs at least {least} quoted maturities",
            came=f"a day has {found}",
            do="Leave the day out, or interpolate (zero_at) instead: a straight line needs no fit",
        )


def _positive(name: str, value: float) -> float:
    if not value > 0.0:
        raise DataError(f"{name} must be above zero", came=f"got {value:g}", do="0.0609 a month is usual")
    return value
