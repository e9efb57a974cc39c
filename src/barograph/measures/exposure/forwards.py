"""Currency forwards: the fair forward rate, what a contract is worth and exposes to, and hedging with it.

Exchange rates are base units for one unit of the foreign currency; interest rates are continuous decimals
per year.

Source: Hull, Options, Futures and Other Derivatives, chapter "Determination of forward and futures prices".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray


def forward_exchange_rate(
    spot: npt.ArrayLike, years: npt.ArrayLike, *, base_rate: npt.ArrayLike, foreign_rate: npt.ArrayLike
) -> FloatArray:
    """Covered interest parity: ``F = S exp((r_base - r_foreign) T)``.

    Examples
    --------
    >>> round(float(forward_exchange_rate(1.10, 2.0, base_rate=0.03, foreign_rate=0.01)), 6)
    1.144892
    """
    carry = (np.asarray(base_rate, np.float64) - np.asarray(foreign_rate, np.float64)) * np.asarray(years)
    return np.asarray(np.asarray(spot, np.float64) * np.exp(carry))


@dataclass(frozen=True, slots=True)
class Forward:
    """So many units of foreign currency bought (negative: sold) at an agreed rate."""

    units: float
    rate: float  # agreed, base for one foreign unit
    years: float

    def legs(self, *, base_rate: float, foreign_rate: float) -> tuple[float, float]:
        """Present values of what comes and goes: foreign units, and base units (paid: negative)."""
        foreign = self.units * float(np.exp(-foreign_rate * self.years))
        return foreign, -self.units * self.rate * float(np.exp(-base_rate * self.years))

    def value(self, spot: npt.ArrayLike, *, base_rate: float, foreign_rate: float) -> FloatArray:
        """Worth in base units at a spot rate: both legs together; zero when agreed at the parity rate."""
        foreign, base = self.legs(base_rate=base_rate, foreign_rate=foreign_rate)
        return np.asarray(np.asarray(spot, np.float64) * foreign + base)


def hedge_units(open_units: float, years: float, *, foreign_rate: float) -> float:
    """Units to buy forward so that nothing is left open at today's spot: ``-X exp(r_foreign T)``.

    A forward's exposure is the present value of its foreign leg, so somewhat more units than the open
    position are dealt where the foreign rate is above zero.
    """
    return -open_units * float(np.exp(foreign_rate * years))


def least_variance_share(
    covariance: npt.ArrayLike, values: npt.ArrayLike, hedge: int, *, still: float = 0.0
) -> tuple[float, bool]:
    """Value to hold in one currency so that the book varies least, the others unchanged; and: is it pegged?

    ``-sum_(j ≠ h) c_hj v_j / c_hh``. Where the currency does not move (a peg), nothing is divided: the answer
    is the present value, and the flag says so.

    Source: Ederington (1979), The hedging performance of the new futures markets, Journal of Finance 34.

    Parameters
    ----------
    covariance : array_like [k, k]
        Of returns.
    values : array_like [k]
        Positions in the reporting currency.
    hedge : int
        Place of the currency that is traded.
    still : float
        Variance up to which a currency counts as one that does not move.
    """
    spread, held = np.asarray(covariance, np.float64), np.asarray(values, np.float64)
    own = float(spread[hedge, hedge])
    if own <= still:
        return float(held[hedge]), True
    return -float(spread[hedge] @ held - own * held[hedge]) / own, False
