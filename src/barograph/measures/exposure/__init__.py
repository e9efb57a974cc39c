"""What is open in foreign currencies: rates between any two, net positions, forwards that hedge them."""

from __future__ import annotations

from barograph.measures.exposure.cross_rates import converted, cross_rates, cross_variance
from barograph.measures.exposure.forwards import (
    Forward,
    forward_exchange_rate,
    hedge_units,
    least_variance_share,
)
from barograph.measures.exposure.open_position import SHORTHAND_SHARE, OpenPosition, open_position

__all__ = [
    "SHORTHAND_SHARE",
    "Forward",
    "OpenPosition",
    "converted",
    "cross_rates",
    "cross_variance",
    "forward_exchange_rate",
    "hedge_units",
    "least_variance_share",
    "open_position",
]
