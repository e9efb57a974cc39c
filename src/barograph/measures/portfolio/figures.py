"""VaR and ES of a book from simulated profits, and what each position contributes to them.

Profits are in the book's currency, losses negative; VaR and ES are positive losses. `alpha` is the tail
probability: 0.01 for the 99 % VaR. NaN raises nowhere and spreads: leave such days out beforehand
(`joint_history` does).

**Quantiles** follow the rule of `measures.tails` with equal weights: the k-th of n sorted values stands at
``(k - 1/2) / n``, linear in between (Hazen). **Shortfall** is the mean of the worst share alpha, a value
astride the boundary counted in part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray

LEAST_NEIGHBOURS = 5
"""Order statistics taken at least on each side of a VaR to estimate who caused it."""

NO_SPREAD = 1e-12
"""Spread of the profits around a VaR, relative to the gross profits, below which all are called equal."""


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """A book's VaR and ES at one tail probability, split over its k positions; currency units."""

    alpha: float
    value_at_risk: float
    expected_shortfall: float
    stand_alone_value_at_risk: FloatArray  # [k] of the position alone
    stand_alone_expected_shortfall: FloatArray  # [k]
    marginal_value_at_risk: FloatArray  # [k] change of the book's VaR per unit of value added
    marginal_expected_shortfall: FloatArray  # [k]
    component_value_at_risk: FloatArray  # [k] value times marginal; sums to the VaR
    component_expected_shortfall: FloatArray  # [k] sums to the ES
    incremental_value_at_risk: FloatArray  # [k] VaR of the book less VaR of the book without the position

    @property
    def diversification(self) -> float:
        """What the positions' own VaRs add up to, less the book's: negative where VaR is not subadditive."""
        return float(self.stand_alone_value_at_risk.sum() - self.value_at_risk)


def simple_returns(residuals: FloatArray, sigma: FloatArray) -> FloatArray:
    """Simulated simple returns ``exp(z * sigma) - 1``, [n_days, k]: past shocks at the present volatility.

    Parameters
    ----------
    residuals : array [n_days, k]
        Standardised log returns; a row is a day, so the dependence between positions stays that of the day.
    sigma : array [k]
        Present forecasts of the daily standard deviation, decimals.
    """
    return np.asarray(np.expm1(residuals * sigma))


def value_at_risk(profits: FloatArray, alpha: float) -> FloatArray:
    """VaR along the last axis: minus the alpha quantile, by Hazen's rule.

    Examples
    --------
    >>> round(float(value_at_risk(np.arange(-50.0, 50.0), 0.025)), 10)
    48.0
    """
    ranked = np.sort(profits, axis=-1)
    left, share = _place(ranked.shape[-1], alpha)
    right = min(left + 1, ranked.shape[-1] - 1)
    return np.asarray(-(1.0 - share) * ranked[..., left] - share * ranked[..., right])


def expected_shortfall(profits: FloatArray, alpha: float) -> FloatArray:
    """ES along the last axis: minus the mean of the worst share alpha.

    Source: Acerbi and Tasche (2002), On the coherence of expected shortfall, J. Banking and Finance 26.

    Examples
    --------
    >>> round(float(expected_shortfall(np.arange(-50.0, 50.0), 0.025)), 10)
    49.2
    """
    return np.asarray(-np.sort(profits, axis=-1) @ _tail_share(profits.shape[-1], alpha))


def contributions(values: FloatArray, returns: FloatArray, *, alpha: float) -> Contributions:
    r"""Split VaR and ES over positions by Euler's rule.

    VaR and ES grow in proportion to the book, so that ``sum_i v_i dVaR / dv_i = VaR``; the derivatives are
    conditional means, ``dVaR/dv_i = -E[s_i | P = -VaR]`` and ``dES/dv_i = -E[s_i | P <= -VaR]``.

    *ES*: the mean of ``s_i`` over the worst share alpha of the days, with the weights of
    `expected_shortfall`. *VaR*: one day is no mean, so ``E[s_i | P]`` is a straight line fitted to the
    ``max(5, n alpha / 2)`` order statistics of the profit on either side of the VaR (local linear regression
    with a flat kernel), read off at ``P = -VaR``. The lines of all positions, times their values, add up to
    the identity ``P = P``; the components therefore add up to the VaR with nothing rescaled.

    Sources: Tasche (1999), Risk contributions and performance measurement; Gourieroux, Laurent and Scaillet
    (2000), Sensitivity analysis of values at risk, J. Empirical Finance 7 (conditional means, kernels);
    Fan and Gijbels (1996) for the straight line instead of the mean, which is biased at the edge.

    Parameters
    ----------
    values : array [k]
        Market values, negative for short positions.
    returns : array [n_days, k]
        Simulated simple returns, as from `simple_returns`.
    alpha : float
    """
    by_position = returns * values
    profits = by_position.sum(axis=1)
    total = float(value_at_risk(profits, alpha))
    marginal = -_local_line(profits, returns, -total, alpha=alpha, scale=np.abs(by_position).max(initial=0.0))
    order = np.argsort(profits, kind="stable")
    marginal_shortfall = -_tail_share(profits.size, alpha) @ returns[order]
    without = value_at_risk((profits[:, None] - by_position).T, alpha)
    return Contributions(
        alpha=alpha,
        value_at_risk=total,
        expected_shortfall=float(expected_shortfall(profits, alpha)),
        stand_alone_value_at_risk=value_at_risk(by_position.T, alpha),
        stand_alone_expected_shortfall=expected_shortfall(by_position.T, alpha),
        marginal_value_at_risk=marginal,
        marginal_expected_shortfall=marginal_shortfall,
        component_value_at_risk=values * marginal,
        component_expected_shortfall=values * marginal_shortfall,
        incremental_value_at_risk=total - without,
    )


def standard_errors(
    profits: FloatArray, alpha: float, *, generator: np.random.Generator, resamples: int = 500
) -> tuple[float, float]:
    """Bootstrap standard errors of VaR and ES: days drawn independently, with replacement.

    Independent draws suit standardised residuals, from which the volatility's memory has been taken; they
    understate the error where the volatility forecasts leave memory behind.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 6.
    """
    drawn = profits[generator.integers(0, profits.size, size=(resamples, profits.size))]
    figures = value_at_risk(drawn, alpha), expected_shortfall(drawn, alpha)
    return float(figures[0].std(ddof=1)), float(figures[1].std(ddof=1))


def _place(n: int, alpha: float) -> tuple[int, float]:
    """Where the alpha quantile lies among n sorted values: the index below it, and the share beyond."""
    place = min(max(alpha * n - 0.5, 0.0), n - 1.0)
    return int(place), place - int(place)


def _tail_share(n: int, alpha: float) -> FloatArray:
    """Share of each ascending value in the mean of the worst alpha; sums to one."""
    before = np.arange(n) / n
    return np.asarray(np.clip(alpha - before, 0.0, 1.0 / n) / alpha)


def _local_line(
    profits: FloatArray, returns: FloatArray, at: float, *, alpha: float, scale: float
) -> FloatArray:
    """Mean return of each position given that the book's profit is `at`, [k]."""
    n = profits.size
    left, _ = _place(n, alpha)
    reach = max(LEAST_NEIGHBOURS, int(np.ceil(0.5 * n * alpha)))
    near = np.argsort(profits, kind="stable")[max(0, left + 1 - reach) : left + 1 + reach]
    x, y = profits[near], returns[near]
    gap, spread = x - x.mean(), float(np.abs(x - x.mean()).max())
    if spread <= NO_SPREAD * scale:
        return np.asarray(y.mean(axis=0))
    slope = gap @ (y - y.mean(axis=0)) / (gap @ gap)
    return np.asarray(y.mean(axis=0) + slope * (at - x.mean()))
