"""A book of currencies, valued in one of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from barograph.core.book import CURRENCY, LARGEST
from barograph.core.errors import DataError

GOLD = "XAU"
"""ISO 4217 code of gold, in troy ounces."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Units of a currency, negative = owed; `rate` is its continuous interest rate a year where known."""

    currency: str
    amount: float
    rate: float | None = None

    def __post_init__(self) -> None:
        if not CURRENCY.fullmatch(self.currency):
            raise DataError(
                "a currency must be a code of ISO 4217, three capital letters",
                came=f"got '{self.currency}'",
                do="Write it like USD",
            )
        if not math.isfinite(self.amount) or abs(self.amount) > LARGEST:
            raise DataError(
                f"an amount must be a finite number of at most {LARGEST:g}",
                came=f"'{self.currency}' has {self.amount}",
                do="Correct it, or leave the row out",
            )


@dataclass(frozen=True, slots=True)
class CurrencyBook:
    """Holdings, one per currency, reported in `base`; `notes` say what was assumed while it was read."""

    holdings: tuple[Holding, ...]
    base: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not any(one.amount for one in self.foreign):
            raise DataError(
                "a currency book must hold something in a foreign currency",
                came=f"it is all in {self.base}, or zero",
                do="Give a row with a currency and an amount",
            )
        held = [one.currency for one in self.holdings]
        twice = sorted({currency for currency in held if held.count(currency) > 1})
        if twice:
            raise DataError(
                "a currency book must hold each currency once",
                came=f"'{twice[0]}' comes twice",
                do="Add its rows up",
            )

    @property
    def foreign(self) -> tuple[Holding, ...]:
        """The holdings that carry exchange risk: all but the base's."""
        return tuple(one for one in self.holdings if one.currency != self.base)

    def interest(self, currency: str) -> float | None:
        """The interest rate given for a currency."""
        return next((one.rate for one in self.holdings if one.currency == currency), None)
