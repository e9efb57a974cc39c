"""Reads a book of positions from a CSV or Parquet file or a table in memory."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from barograph.collect.books.table import CURRENCY_WORDS, ENTITY_WORDS, BookColumns, book_columns, raw_book
from barograph.collect.market_samples import STOCKS
from barograph.collect.raw import RawTable
from barograph.collect.values import names, text
from barograph.core.book import ASSET_CLASSES, Book, Position
from barograph.core.errors import DataError
from barograph.core.notes import noted

COLUMNS: dict[str, tuple[str, ...]] = {
    "entity": ENTITY_WORDS,
    "quantity": ("quantity", "shares", "units", "number"),
    "value": ("value", "market value", "amount"),
    "currency": CURRENCY_WORDS,
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
    raw = raw_book(book, label=label, needed=NEEDED)
    columns = book_columns(raw, COLUMNS, needed=("entity", "value|quantity"), hint=NEEDED)
    entity = _entities(columns)
    amounts, notes = _amounts(columns)
    currencies = columns.currencies()
    _one_currency(raw, currencies)
    columns_of_rows = (entity, amounts["quantity"], amounts["value"], currencies, _classes(columns))
    rows = [Position(*row) for row in zip(*columns_of_rows, strict=True)]
    return _book(raw, rows, notes)


def usual_class(entity: str) -> str:
    """The class of an entity of the packaged sample, "" for others."""
    return USUAL_CLASS.get(entity, "")


def _entities(columns: BookColumns) -> list[str]:
    entity = names(columns.column("entity"))
    columns.refuse("entity", "name an entity in each row", entity.is_null(), do="Fill it, or remove the row")
    return [str(name) for name in entity]


def _amounts(columns: BookColumns) -> tuple[dict[str, list[float | None]], list[str]]:
    """Quantity and value of each row, exactly one of them given; and what was assumed."""
    amounts: dict[str, list[float | None]] = {}
    notes: list[str] = []
    given = pl.Series([0] * columns.raw.frame.height)
    for name in ("quantity", "value"):
        if name not in columns.own:
            amounts[name] = [None] * columns.raw.frame.height
            continue
        amounts[name], assumed = columns.numbers(name, optional=True)
        notes += assumed
        given = given + text(columns.column(name)).is_not_null().cast(pl.Int64)
    shown = "value" if "value" in columns.own else "quantity"
    columns.refuse(shown, "be filled in each row", given == 0, do="Give a value or a quantity")
    columns.refuse(shown, "be empty where a quantity is given", given > 1, do="Keep one of the two")
    return amounts, notes


def _classes(columns: BookColumns) -> list[str]:
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
    added = [noted("notes.book.added_up", names=", ".join(sorted(repeated)))] if repeated else []
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
