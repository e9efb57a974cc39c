"""Net open position in foreign currencies, and the shorthand capital charge on it.

Positions are net amounts per foreign currency, valued in the reporting currency; the reporting currency
itself carries no exchange risk and is left out. Gold counts as a currency of its own.

Source: Basel Committee, Basel Framework, MAR40 (simplified standardised approach, foreign exchange risk).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray

SHORTHAND_SHARE = 0.08


@dataclass(frozen=True, slots=True)
class OpenPosition:
    """Positions over all currencies, in the reporting currency."""

    longs: float  # sum of the long positions
    shorts: float  # sum of the short ones, positive
    gold: float  # net, signed

    @property
    def gross(self) -> float:
        """Gross aggregate position: longs and shorts together."""
        return self.longs + self.shorts

    @property
    def net(self) -> float:
        """Net aggregate position: what longs and shorts leave of each other, without sign."""
        return abs(self.longs - self.shorts)

    @property
    def shorthand(self) -> float:
        """The larger of longs and shorts, and gold beside it: ``max(L, S) + |gold|``."""
        return max(self.longs, self.shorts) + abs(self.gold)

    @property
    def charge(self) -> float:
        """Shorthand capital charge: eight percent of the shorthand position."""
        return SHORTHAND_SHARE * self.shorthand


def open_position(net: npt.ArrayLike, *, gold: float = 0.0) -> OpenPosition:
    """Longs and shorts of net positions per currency, [k].

    Examples
    --------
    >>> open_position([50, 100, 150, -20, -180], gold=-35).charge
    26.8
    """
    amounts: FloatArray = np.asarray(net, np.float64)
    longs, shorts = float(np.maximum(amounts, 0.0).sum()), float(np.maximum(-amounts, 0.0).sum())
    return OpenPosition(longs, shorts, float(gold))
