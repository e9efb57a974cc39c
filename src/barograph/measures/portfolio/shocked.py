"""A book after a scenario: the profit of the shocks, and the VaR and ES of what is left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.measures.portfolio.figures import expected_shortfall, value_at_risk


@dataclass(frozen=True, slots=True, eq=False)
class Shocked:
    """What a scenario does to a book; currency units."""

    profits: FloatArray  # [k] of each position
    alphas: tuple[float, ...]
    value_at_risk: FloatArray  # [n_alphas] of the shocked book, at the shocked volatility
    expected_shortfall: FloatArray  # [n_alphas]

    @property
    def total(self) -> float:
        """Profit of the book."""
        return float(self.profits.sum())


def shocked(
    values: FloatArray,
    moves: FloatArray,
    *,
    returns: FloatArray,
    alphas: tuple[float, ...],
) -> Shocked:
    """Move every price, then simulate the next day of the book as it then stands.

    The profit of a position is ``v m``; after it the position is worth ``v (1 + m)``. Positions are linear in
    their price; nobody trades.

    Parameters
    ----------
    values, moves : array [k]
        Market values, and relative price moves (decimals, at least -1).
    returns : array [n_days, k]
        Simulated simple returns of the day after, at the shocked volatility.
    alphas : tuple of float
        Tail probabilities.
    """
    after = returns @ (values * (1.0 + moves))
    return Shocked(
        profits=values * moves + 0.0,  # no minus zero
        alphas=alphas,
        value_at_risk=np.array([value_at_risk(after, alpha) for alpha in alphas]),
        expected_shortfall=np.array([expected_shortfall(after, alpha) for alpha in alphas]),
    )
