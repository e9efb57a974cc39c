"""Reads a book of positions from a CSV or Parquet file or a table in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from barograph.collect.columns import plain
from barograph.collect.files import read_file
from barograph.collect.frames import as_polars
from barograph.collect.market_samples import STOCKS
from barograph.collect.raw import RawTable, by_rows
from barograph.collect.values import names, numbers, text
from barograph.collect.violation import shortened
from barograph.core.book import ASSET_CLASSES, CURRENCY, DEFAULT_CURRENCY, Book, Position
from barograph.core.errors import DataError, nearest

COLUMNS: dict[str, tuple[str, ...]] = {
    "entity": ("entity", "ticker", "symbol", "asset", "series", "instrument"),
    "quantity": ("quantity", "shares", "units", "number"),
    "value": ("value", "market value", "amount"),
    "currency": ("currency", "ccy"),
    "class": ("class", "asset class"),
}
"""Our name -> the usual names in files, as `columns.plain` writes them."""

USUAL_CLASS: dict[str, str] = {
    **dict.fromkeys(STOCKS, "stock"),
    **dict.fromkeys(("nasdaq", "sp500"), "index"),
    "wti": "commodity",
}
"""Class of the packaged sample's entities; others are told by a column `class`."""

NEEDED = "Give a table with the columns entity and value (or quantity)"


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """The table's own columns by our names, and how to speak of its rows."""

    raw: RawTable
    own: dict[str, str]

    def column(self, name: str) -> pl.Series:
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


def read_book(book: object, *, label: str = "book") -> Book:
    """The book in a file or table.

    Parameters
    ----------
    book : path, or a polars, pandas or Arrow table
        Columns: ``entity``; in each row either ``quantity`` (units) or ``value`` (market value; negative =
        short); optional ``currency`` (ISO 4217, USD where there is none) and ``class`` (index, stock,
        commodity), which scenarios look at. Usual other names (ticker, shares, market value …) are read too.
    label : str
        What messages call a table in memory.

    Returns
    -------
    Book
        Rows of the same entity added up; its notes say what was assumed.

    Raises
    ------
    DataError
        Missing column, empty table, text among numbers, NaN or infinite amounts, several currencies.

    Examples
    --------
    >>> read_book(pl.DataFrame({"ticker": ["ko", "xom"], "value": [1000.0, -500.0]})).entities
    ('ko', 'xom')
    """
    if isinstance(book, Book):
        return book
    raw = _from_file(Path(book)) if isinstance(book, str | Path) else by_rows(as_polars(book), label=label)
    columns = _columns(raw)
    if not raw.frame.height:
        raise DataError(f"{raw.label} must hold positions", came="it has no row", do=NEEDED)
    entity = _entities(columns)
    amounts, notes = _amounts(columns)
    currencies = _currencies(columns)
    _one_currency(raw, currencies)
    columns_of_rows = (entity, amounts["quantity"], amounts["value"], currencies, _classes(columns))
    rows = [Position(*row) for row in zip(*columns_of_rows, strict=True)]
    return _book(raw, rows, notes)


def usual_class(entity: str) -> str:
    """The class of an entity of the packaged sample, "" for others."""
    return USUAL_CLASS.get(entity, "")


def _from_file(path: Path) -> RawTable:
    try:
        return read_file(path)
    except DataError as error:
        if "one column only" not in error.came:
            raise
        raise DataError(error.must, came=error.came, do=NEEDED) from error


def _columns(raw: RawTable) -> _Columns:
    own: dict[str, str] = {}
    by_plain = {plain(name): name for name in reversed(raw.frame.columns)}
    for name, usual in COLUMNS.items():
        found = next((by_plain[word] for word in usual if word in by_plain), None)
        own |= {name: found} if found is not None else {}
    missing = "entity" if "entity" not in own else "value" if not {"value", "quantity"} & set(own) else ""
    if missing:
        also = " or quantity" if missing == "value" else ""
        free = [name for name in raw.frame.columns if name not in own.values()]
        hint = nearest(missing, free) if free else NEEDED
        raise DataError(
            f"{raw.label} must have a column {missing}{also}",
            came=f"it has {', '.join(shortened(name) for name in raw.frame.columns) or 'none'}",
            do=hint[:1].upper() + hint[1:],
        )
    return _Columns(raw, own)


def _entities(columns: _Columns) -> list[str]:
    entity = names(columns.column("entity"))
    columns.refuse("entity", "name an entity in each row", entity.is_null(), do="Fill it, or remove the row")
    return [str(name) for name in entity]


def _amounts(columns: _Columns) -> tuple[dict[str, list[float | None]], list[str]]:
    """Quantity and value of each row, exactly one of them given; and what was assumed."""
    amounts: dict[str, list[float | None]] = {}
    notes: list[str] = []
    given = pl.Series([0] * columns.raw.frame.height)
    for name in ("quantity", "value"):
        if name not in columns.own:
            amounts[name] = [None] * columns.raw.frame.height
            continue
        parsed, note = numbers(columns.column(name))
        notes += [note] if note else []
        filled = text(columns.column(name)).is_not_null()
        columns.refuse(name, "hold numbers", filled & parsed.is_null(), do="Write plain numbers: 12500.5")
        endless = (~parsed.is_finite()).fill_null(False)
        columns.refuse(name, "hold finite numbers", endless, do="Correct it, or remove the row")
        given = given + filled.cast(pl.Int64)
        amounts[name] = parsed.to_list()
    shown = "value" if "value" in columns.own else "quantity"
    columns.refuse(shown, "be filled in each row", given == 0, do="Give a value or a quantity")
    columns.refuse(shown, "be empty where a quantity is given", given > 1, do="Keep one of the two")
    return amounts, notes


def _currencies(columns: _Columns) -> list[str]:
    if "currency" not in columns.own:
        return [DEFAULT_CURRENCY] * columns.raw.frame.height
    written = text(columns.column("currency")).fill_null(DEFAULT_CURRENCY).str.to_uppercase()
    odd = ~written.str.contains(f"^{CURRENCY.pattern}$")
    columns.refuse("currency", "hold codes of ISO 4217", odd, do="Write three letters: USD")
    return [str(code) for code in written]


def _classes(columns: _Columns) -> list[str]:
    if "class" not in columns.own:
        return [""] * columns.raw.frame.height
    written = text(columns.column("class")).fill_null("").str.to_lowercase()
    known = [name for name in ASSET_CLASSES if name]
    odd = ~written.is_in(list(ASSET_CLASSES))
    columns.refuse("class", f"be one of {', '.join(known)}", odd, do="Correct it, or leave it empty")
    return [str(name) for name in written]


def _book(raw: RawTable, rows: Sequence[Position], notes: Sequence[str]) -> Book:
    merged: dict[str, Position] = {}
    repeated: set[str] = set()
    for row in rows:
        repeated |= {row.entity} & merged.keys()
        merged[row.entity] = _added(raw, merged[row.entity], row) if row.entity in merged else row
    added = [f"rows added up for {', '.join(sorted(repeated))}"] if repeated else []
    return Book(tuple(merged.values()), (*raw.notes, *notes, *added))


def _one_currency(raw: RawTable, currencies: Sequence[str]) -> None:
    found = sorted(set(currencies))
    if len(found) > 1:
        raise DataError(
            f"{raw.label} must be in one currency",
            came=f"it has {len(found)}: {', '.join(found)}",
            do="Assess one book per currency, or convert the values first",
        )


def _added(raw: RawTable, old: Position, new: Position) -> Position:
    if (old.value is None) != (new.value is None) or old.asset_class != new.asset_class:
        raise DataError(
            f"rows of {raw.label} for the same entity must be alike",
            came=f"'{new.entity}' is given by value and by quantity, or in two classes",
            do="Use one way for all its rows",
        )
    if old.value is not None and new.value is not None:
        return Position(
            new.entity, value=old.value + new.value, currency=new.currency, asset_class=new.asset_class
        )
    total = (old.quantity or 0.0) + (new.quantity or 0.0)
    return Position(new.entity, quantity=total, currency=new.currency, asset_class=new.asset_class)
