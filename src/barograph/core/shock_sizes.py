"""Sizes of supervisory interest-rate shocks: what versioned data say per currency."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from barograph.core.errors import DataError, nearest

LARGEST_SHOCK = 0.2
"""Decimals; d368 stops at 5 %, so what exceeds this is percent or basis points taken for decimals."""


@dataclass(frozen=True, slots=True)
class ShockSizes:
    """Sizes of one currency, decimals per year, positive: 0.02 is 200 basis points."""

    parallel: float
    short: float
    long: float

    def __post_init__(self) -> None:
        for name, size in (("parallel", self.parallel), ("short", self.short), ("long", self.long)):
            if not math.isfinite(size) or not 0.0 < size <= LARGEST_SHOCK:
                raise DataError(
                    f"a {name} shock must lie above 0 and be at most {LARGEST_SHOCK:g}",
                    came=f"got {size:g}",
                    do="Give decimals per year here; files are in basis points",
                )


@dataclass(frozen=True, slots=True)
class Calibration:
    """One version of the rules: sizes by currency (ISO 4217), what gains count, and how low rates may fall.

    `gains_counted` is the share of a currency's gain that stands against losses in others. `floor` is the
    lowest rate after a shock: its height now and its rise a year, up to zero; None where there is none.
    `source` says where all this comes from.
    """

    version: str
    source: str
    sizes: Mapping[str, ShockSizes]
    gains_counted: float = 0.0
    floor: tuple[float, float] | None = None

    def of(self, currency: str) -> ShockSizes:
        """The sizes of a currency.

        Raises
        ------
        DataError
            This version has none for it.
        """
        if currency not in self.sizes:
            hint = nearest(currency, self.sizes)
            raise DataError(
                f"a currency under supervisory shocks must have sizes in the calibration '{self.version}'",
                came=f"'{currency}' has none",
                do=f"{hint[:1].upper()}{hint[1:]}. Or give a calibration file with its sizes",
            )
        return self.sizes[currency]
