"""A banking book: what is owned and owed, what it pays, and when its rate changes."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

from barograph.core.book import CURRENCY, LARGEST
from barograph.core.errors import DataError

FREQUENCIES = (1, 2, 4, 12)
LONGEST = 100.0
"""Years; what is longer is a year of the calendar, or days, taken for a term."""

Term = float | datetime.date
"""Years from now, or a day."""

MONTHS, DAYS = 12.0, 365.25


@dataclass(frozen=True, slots=True)
class Instrument:
    """A bullet instrument: a bond, loan or deposit, paid back at its maturity.

    `notional` is positive for an asset, negative for a liability. `coupon` is a decimal per year: of a
    floating instrument the rate until its next reset. `reprices` is None for a fixed rate, else the next
    reset; after it a floating instrument is worth its notional.
    """

    name: str
    notional: float
    coupon: float
    maturity: Term
    currency: str
    frequency: int = 1
    reprices: Term | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.notional) or not 0.0 < abs(self.notional) <= LARGEST:
            raise DataError(
                f"an instrument must have a notional that is not zero and at most {LARGEST:g}",
                came=f"'{self.name}' has {self.notional}",
                do="Correct it, or leave the row out",
            )
        if not math.isfinite(self.coupon) or abs(self.coupon) > 1.0:
            raise DataError(
                "a coupon must be a decimal per year between -1 and 1",
                came=f"'{self.name}' has {self.coupon}",
                do="Write 0.045 for 4.5 %",
            )
        if self.frequency not in FREQUENCIES:
            raise DataError(
                "an instrument must pay 1, 2, 4 or 12 times a year",
                came=f"'{self.name}' pays {self.frequency} times",
                do="Take the nearest, and a coupon of zero for what pays at the end alone",
            )
        if not CURRENCY.fullmatch(self.currency):
            raise DataError(
                "a currency must be a code of ISO 4217, three capital letters",
                came=f"'{self.name}' has '{self.currency}'",
                do="Write it like USD",
            )

    def years(self, day: datetime.date) -> float:
        """Years from a day to the maturity, above zero."""
        return years_until(self.maturity, day, f"the maturity of '{self.name}'")

    def reset(self, day: datetime.date) -> float | None:
        """Years from a day to the next reset, never after the maturity; None for a fixed rate."""
        if self.reprices is None:
            return None
        return min(years_until(self.reprices, day, f"the next reset of '{self.name}'"), self.years(day))


@dataclass(frozen=True, slots=True)
class BankingBook:
    """Instruments of one or more currencies; `notes` say what was assumed while the book was read.

    `exchange` gives, for each currency, units of the reporting currency for one of its own; empty where the
    book has no reporting currency, and figures are then per currency.
    """

    instruments: tuple[Instrument, ...]
    reporting: str = ""
    exchange: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.instruments:
            raise DataError(
                "a banking book must hold at least one instrument",
                came="it is empty",
                do="Give a row with instrument, notional, coupon and maturity",
            )

    @property
    def currencies(self) -> tuple[str, ...]:
        """Currencies held, in the order of the instruments."""
        return tuple(dict.fromkeys(one.currency for one in self.instruments))

    def of(self, currency: str) -> tuple[Instrument, ...]:
        """The instruments of one currency."""
        return tuple(one for one in self.instruments if one.currency == currency)


def years_until(term: Term, day: datetime.date, what: str) -> float:
    """Years from a day to a term, above zero; whole months count as twelfths, so that coupons stay in step.

    Examples
    --------
    >>> years_until(datetime.date(2036, 11, 29), datetime.date(2026, 11, 29), "it")
    10.0
    """
    if isinstance(term, datetime.date):
        months = (term.year - day.year) * 12 + term.month - day.month
        years = months / MONTHS + (term.day - day.day) / DAYS
    else:
        years = term
    if not 0.0 < years <= LONGEST:
        raise DataError(
            f"{what} must lie after {day} and at most {LONGEST:g} years ahead",
            came=f"it is {term}",
            do="Write a day (2031-06-30) or years from now (4.5); leave out what has matured",
        )
    return years
