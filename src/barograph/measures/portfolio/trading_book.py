"""Internal-model capital of the trading book: liquidity horizons, stressed ES, and the P&L attribution test.

Source: Basel Committee, Basel Framework, MAR33.5-33.16 (expected shortfall) and MAR32 (attribution test);
both recollected, not read in their source here.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.measures.credit.ranks import midranks

LIQUIDITY_HORIZONS = (10, 20, 40, 60, 120)
"""Trading days; exchange rates of the specified pairs stand at 10, others at 20."""

DIVERSIFICATION = 0.5
"""Weight of the unconstrained figure."""

Zone = Literal["green", "amber", "red"]
GREEN_CORRELATION, RED_CORRELATION = 0.80, 0.70
GREEN_DISTANCE, RED_DISTANCE = 0.09, 0.12


def liquidity_weights(horizons: npt.ArrayLike = LIQUIDITY_HORIZONS, *, base: float = 10.0) -> FloatArray:
    """``sqrt((LH_j - LH_(j-1)) / T)``, one for the first, [n]."""
    days = np.asarray(horizons, np.float64)
    return np.asarray(np.sqrt(np.diff(days, prepend=days[0] - base) / base))


def liquidity_scaled(
    nested: npt.ArrayLike, horizons: npt.ArrayLike = LIQUIDITY_HORIZONS, *, base: float = 10.0
) -> float:
    """Regulatory ES: ``sqrt(sum_j (ES_j w_j)²)``.

    Parameters
    ----------
    nested : array_like [n]
        ES over the base horizon with only the factors shocked whose liquidity horizon is at least LH_j.
    horizons : array_like [n]
        Days, ascending, the first equal to the base.
    base : float
    """
    return float(
        np.sqrt(np.sum((np.asarray(nested, np.float64) * liquidity_weights(horizons, base=base)) ** 2))
    )


def stressed_shortfall(reduced_stressed: float, *, full: float, reduced: float) -> float:
    """ES of the stress period, carried over from the reduced set of factors: ``ES_RS max(1, ES_FC / ES_RC)``.

    Raises
    ------
    DataError
        The reduced set's present ES is not above zero.
    """
    if not reduced > 0.0:
        raise DataError(
            "the present ES of the reduced factors must be above zero",
            came=f"got {reduced:g}",
            do="Reduce to factors that move the book",
        )
    return reduced_stressed * max(1.0, full / reduced)


def internal_model_charge(unconstrained: float, constrained: npt.ArrayLike) -> float:
    """IMCC: half the ES of all factors together, half the sum over the risk classes alone."""
    alone = float(np.sum(np.asarray(constrained, np.float64)))
    return DIVERSIFICATION * unconstrained + (1.0 - DIVERSIFICATION) * alone


def attribution_metrics(theoretical: npt.ArrayLike, hypothetical: npt.ArrayLike) -> tuple[float, float]:
    """Spearman's correlation and the Kolmogorov-Smirnov distance of the two daily profits.

    Parameters
    ----------
    theoretical, hypothetical : array_like [n_days]
        Profits of the risk model and of the front office, same days. A constant series has no correlation:
        NaN, which no zone but red forgives.
    """
    first, second = np.asarray(theoretical, np.float64), np.asarray(hypothetical, np.float64)
    ranks = [midranks(one) - (one.size + 1.0) / 2.0 for one in (first, second)]
    spread = float(np.sqrt((ranks[0] @ ranks[0]) * (ranks[1] @ ranks[1])))
    correlation = float(ranks[0] @ ranks[1]) / spread if spread > 0.0 else float("nan")
    both = np.concatenate([first, second])
    steps = [np.searchsorted(np.sort(one), both, side="right") / one.size for one in (first, second)]
    return correlation, float(np.abs(steps[0] - steps[1]).max())


def attribution_zone(correlation: float, distance: float) -> Zone:
    """Zone of a desk: green above .80 and below .09, red below .70 or above .12, amber between.

    Examples
    --------
    >>> attribution_zone(0.85, 0.05), attribution_zone(0.80, 0.09), attribution_zone(0.90, 0.13)
    ('green', 'amber', 'red')
    """
    if correlation > GREEN_CORRELATION and distance < GREEN_DISTANCE:
        return "green"
    if correlation >= RED_CORRELATION and distance <= RED_DISTANCE:
        return "amber"
    return "red"
