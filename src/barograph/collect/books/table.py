"""What all books have in common: finding columns by their usual names, and speaking of bad rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from barograph.collect.columns import plain
from barograph.collect.frames import as_polars
from barograph.collect.raw import RawTable, by_rows
from barograph.collect.reading import read_table
from barograph.collect.values import dates, numbers, text
from barograph.collect.violation import shortened
from barograph.core.book import CURRENCY, DEFAULT_CURRENCY
from barograph.core.errors import DataError, nearest

Kind = Literal["positions", "banking", "currencies"]

BANKING_WORDS = (
    "coupon",
    "maturity",
    "matures",
    "years",
    "notional",
    "repricing",
    "reprices",
    "maturity date",
)
"""Columns that only a banking book has."""

ANY_BOOK = "Give a table with entity and value; currency, amount and base; or instrument, notional, maturity"

ENTITY_WORDS = ("entity", "ticker", "symbol", "asset", "series", "instrument")
CURRENCY_WORDS = ("currency", "ccy")
WORTH_WORDS = ("quantity", "shares", "units", "value", "market value")


def raw_book(book: object, *, label: str = "book", needed: str = ANY_BOOK) -> RawTable:
    """A book's table as it was found; `needed` says which columns it should have."""
    if isinstance(book, RawTable):
        return book
    if not isinstance(book, str | Path):
        return by_rows(as_polars(book), label=label)
    try:
        return read_table(book)
    except DataError as error:
        if "one column only" not in error.came:
            raise
        raise DataError(error.must, came=error.came, do=needed) from error


def kind_of(raw: RawTable) -> Kind:
    """What a table is a book of, by its columns."""
    found = {plain(name) for name in raw.frame.columns}
    if found & (set(ENTITY_WORDS) - {"instrument"}) and found & set(WORTH_WORDS):
        return "positions"
    if found & set(BANKING_WORDS):
        return "banking"
    if found & set(CURRENCY_WORDS) and not found & set(ENTITY_WORDS):
        return "currencies"
    return "positions"


@dataclass(frozen=True, slots=True, eq=False)
class BookColumns:
    """The table's own columns by our names, and how to speak of its rows."""

    raw: RawTable
    own: dict[str, str]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.raw.frame.height

    def has(self, name: str) -> bool:
        """Whether the table has a column."""
        return name in self.own

    def column(self, name: str) -> pl.Series:
        """A column as it was found."""
        return self.raw.frame[self.own[name]]

    def refuse(self, name: str, rule: str, bad: pl.Series, *, do: str) -> None:
        """Raise if any row is bad: how many, and the first with its place and value."""
        if not bad.any():
            return
        first = int(bad.arg_true()[0])
        value = shortened(str(self.column(name)[first]))
        raise DataError(
            f"column '{self.own[name]}' of {self.raw.label} must {rule}",
            came=f"{int(bad.sum())} of {len(bad)} rows do not, the first in {self.raw.place} "
            f"{self.raw.numbers[first]} with '{value}'",
            do=do,
        )

    def numbers(self, name: str, *, optional: bool = False) -> tuple[list[float | None], list[str]]:
        """Finite numbers of a column, None where empty and that is allowed; and what was assumed."""
        parsed, note = numbers(self.column(name))
        filled = text(self.column(name)).is_not_null()
        self.refuse(name, "hold numbers", filled & parsed.is_null(), do="Write plain numbers: 12500.5")
        endless = (~parsed.is_finite()).fill_null(False)
        self.refuse(name, "hold finite numbers", endless, do="Correct it, or remove the row")
        if not optional:
            self.refuse(name, "be filled in each row", ~filled, do="Fill it, or remove the row")
        return parsed.to_list(), [note] if note else []

    def days(self, name: str) -> tuple[pl.Series, list[str]]:
        """Days of a column, null where there is none; and what was assumed."""
        parsed, note = dates(self.column(name))
        return parsed, [note] if note else []

    def currencies(self, *, default: str = DEFAULT_CURRENCY) -> list[str]:
        """Codes of ISO 4217 in capitals, the default where a cell or the column is missing."""
        if "currency" not in self.own:
            return [default] * self.rows
        written = text(self.column("currency")).fill_null(default).str.to_uppercase()
        odd = ~written.str.contains(f"^{CURRENCY.pattern}$")
        self.refuse("currency", "hold codes of ISO 4217", odd, do="Write three letters: USD")
        return [str(code) for code in written]

    def words(self, name: str, known: Mapping[str, str], *, default: str) -> list[str]:
        """Our words for those of a column, in whatever case; empty cells take the default."""
        if name not in self.own:
            return [default] * self.rows
        written = text(self.column(name)).fill_null(default).str.to_lowercase()
        odd = ~written.is_in(list(known))
        shown = ", ".join(dict.fromkeys(known.values()))
        self.refuse(name, f"be one of {shown}", odd, do="Correct it, or leave it empty")
        return [known[str(word)] for word in written]


def book_columns(
    raw: RawTable, usual: Mapping[str, Sequence[str]], *, needed: Sequence[str], hint: str
) -> BookColumns:
    """The table's columns by our names; a missing one is refused with the nearest that is there.

    Parameters
    ----------
    usual : mapping
        Our name -> the usual names in files, as `columns.plain` writes them.
    needed : sequence of str
        Our names that must be found; one of several is written ``value|quantity``.
    hint : str
        What to do where nothing is near.
    """
    own: dict[str, str] = {}
    by_plain = {plain(name): name for name in reversed(raw.frame.columns)}
    for name, words in usual.items():
        found = next((by_plain[word] for word in words if word in by_plain), None)
        own |= {name: found} if found is not None else {}
    for choice in needed:
        names = choice.split("|")
        if not set(names) & set(own):
            free = [name for name in raw.frame.columns if name not in own.values()]
            advice = nearest(names[0], free) if free else hint
            raise DataError(
                f"{raw.label} must have a column {' or '.join(names)}",
                came=f"it has {', '.join(shortened(name) for name in raw.frame.columns) or 'none'}",
                do=advice[:1].upper() + advice[1:],
            )
    if not raw.frame.height:
        raise DataError(f"{raw.label} must hold positions", came="it has no row", do=hint)
    return BookColumns(raw, own)
