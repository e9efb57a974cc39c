"""One column against its terms, part after part of a table."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from barograph.collect.contracts.cells import Cells, Wrong, cells_of
from barograph.collect.contracts.reading import bound_day
from barograph.collect.contracts.terms import ColumnTerms, Scalar
from barograph.collect.raw import RawTable
from barograph.collect.records.column_types import categories, is_text
from barograph.collect.records.number_text import number_words

SIGNS = {
    "percent": r"%$",
    "USD": r"\$|\bUSD\b",
    "EUR": r"€|\bEUR\b",
    "GBP": r"£|\bGBP\b",
    "JPY": r"¥|\bJPY\b",
    "CHF": r"\bCHF\b",
}
"""Unit -> the sign by which a cell of text shows it."""
SHOWN = 6
"""Allowed values that advice names."""


@dataclass(slots=True)
class ColumnCheck:
    """A column's terms, and what its earlier parts showed."""

    name: str
    terms: ColumnTerms
    today: datetime.date
    how: str | None = None  # how its text is written, from the first part that has any
    newest: datetime.date | None = None
    wrong_type: str = ""  # the type in which the column can never be read
    _bounds: tuple[Any, Any] = field(init=False)
    _words: tuple[str | None, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._bounds = (self._bound(self.terms.minimum), self._bound(self.terms.maximum))
        self._words = tuple(as_word(value) for value in self.terms.allowed)

    def wrong(self, raw: RawTable) -> tuple[list[Wrong], pl.Series]:
        """The cells of a part that break a rule, and its values as keys compare them."""
        series = raw.frame[self.name]
        how = raw.written.get(self.name) if self.how is None else self.how
        cells = cells_of(series, self.terms.type, how, raw.decimal)
        if cells is None:
            self.wrong_type = str(series.dtype)
            return [], series
        if self.how is None and len(cells.values) > cells.values.null_count():
            self.how = cells.how
        found = list(cells.wrong)
        if cells.empty is not None and not self.terms.nullable:
            found.append(Wrong("missing value", "Fill the cell, or remove the row", cells.empty))
        found += [*self._outside(cells.values), *self._strange(cells, series), *self._other_unit(series)]
        if self.terms.type == "date" and cells.values.dtype == pl.Date:
            self._remember(cells.values)
        return found, self._key(series, cells)

    def _bound(self, bound: float | str | None) -> object:
        return bound_day(bound, self.today) if isinstance(bound, str) else bound

    def _remember(self, days: pl.Series) -> None:
        last = days.max()
        if isinstance(last, datetime.date) and (self.newest is None or last > self.newest):
            self.newest = last

    def _outside(self, values: pl.Series) -> list[Wrong]:
        """Values below the least or above the largest; extremes are looked at before single cells."""
        low, high = self._bounds
        least: Any = values.min()
        most: Any = values.max()
        found = []
        if low is not None and least is not None and least < low:
            found.append(Wrong(f"below {_shown(low)}", "Correct it, or the contract", values < low))
        if high is not None and most is not None and most > high:
            found.append(Wrong(f"above {_shown(high)}", "Correct it, or the contract", values > high))
        return [Wrong(one.rule, one.do, one.cells.fill_null(False)) for one in found]

    def _strange(self, cells: Cells, series: pl.Series) -> list[Wrong]:
        """Values that the contract does not allow; distinct ones are looked at before single cells."""
        if not self.terms.allowed:
            return []
        typed = self.terms.type in ("number", "whole", "date")
        values = cells.values if typed else series
        distinct = values.drop_nulls().unique()
        words = categories(distinct)
        strange = distinct.filter(words.is_not_null() & ~words.is_in(list(self._words)))
        if not len(strange):
            return []
        few = ", ".join(str(word) for word in self._words[:SHOWN])
        do = f"Allowed: {few}{', …' if len(self._words) > SHOWN else ''}"
        return [Wrong("not allowed", do, values.is_in(strange.to_list()).fill_null(False))]

    def _other_unit(self, series: pl.Series) -> list[Wrong]:
        """Cells of text that show the sign of another unit."""
        if not self.terms.unit or self.terms.type not in ("number", "whole") or not is_text(series.dtype):
            return []
        others = "|".join(sign for unit, sign in SIGNS.items() if unit.lower() != self.terms.unit.lower())
        shown = number_words(series).str.contains(others).fill_null(False)
        return [Wrong("another unit", f"Write it in {self.terms.unit}", shown)] if shown.any() else []

    def _key(self, series: pl.Series, cells: Cells) -> pl.Series:
        """Numbers as such, text stripped, empty cells null; instants keep their time of day."""
        if self.terms.type in ("number", "whole") and not series.dtype.is_decimal():
            return cells.values.cast(pl.Float64) if cells.values.dtype.is_float() else cells.values
        keys = series.cast(pl.String).str.strip_chars() if is_text(series.dtype) else series
        return keys if cells.empty is None else keys.set(cells.empty, None)


def as_word(value: Scalar) -> str | None:
    """An allowed value as text of the table would be read."""
    word: str | None = categories(pl.Series([value], strict=False))[0]
    return value.strip() if word is None and isinstance(value, str) else word


def _shown(bound: object) -> str:
    return f"{bound:g}" if isinstance(bound, float) else str(bound)
