"""Reads a currency book: units of each currency held or owed, and the currency it is reported in."""

from __future__ import annotations

from barograph.collect.books.table import CURRENCY_WORDS, BookColumns, book_columns, raw_book
from barograph.collect.values import text
from barograph.core.currency_book import CurrencyBook, Holding
from barograph.core.errors import DataError
from barograph.core.notes import noted

COLUMNS: dict[str, tuple[str, ...]] = {
    "currency": CURRENCY_WORDS,
    "amount": ("amount", "units", "position", "net position", "value", "balance"),
    "base": ("base", "base currency", "reporting currency"),
    "rate": ("rate", "interest rate", "interest"),
}
NEEDED = "Give a table with the columns currency and amount (units of that currency), and base"
LARGEST_RATE = 1.0


def read_currency_book(book: object, *, label: str = "book", base: str = "") -> CurrencyBook:
    """The currency book in a file or table.

    Parameters
    ----------
    book : path, or a polars, pandas or Arrow table
        Columns: ``currency`` (ISO 4217; gold is XAU), ``amount`` (units of it, negative = owed), ``base``
        (the reporting currency, the same in each row); optional ``rate``, the currency's interest rate,
        decimals per year, for forward rates.
    base : str
        The reporting currency where the table has no column for it.

    Returns
    -------
    CurrencyBook
        Rows of the same currency added up; its notes say what was assumed.

    Raises
    ------
    DataError
        Missing column, empty table, text among numbers, several bases or none, unlike rates of a currency.
    """
    if isinstance(book, CurrencyBook):
        return book
    raw = raw_book(book, label=label, needed=NEEDED)
    columns = book_columns(raw, COLUMNS, needed=("currency", "amount"), hint=NEEDED)
    empty = text(columns.column("currency")).is_null()
    columns.refuse("currency", "name a currency in each row", empty, do="Fill it, or remove the row")
    currency = columns.currencies()
    amounts, notes = columns.numbers("amount")
    totals: dict[str, float] = {}
    for code, amount in zip(currency, amounts, strict=True):
        totals[code] = totals.get(code, 0.0) + float(amount or 0.0)
    repeated = sorted({code for code in currency if currency.count(code) > 1})
    notes += [noted("notes.book.added_up", names=", ".join(repeated))] if repeated else []
    rates = _rates(columns, currency)
    holdings = tuple(Holding(code, total, rates.get(code)) for code, total in totals.items())
    return CurrencyBook(holdings, _base(columns, base), (*raw.notes, *notes))


def _base(columns: BookColumns, given: str) -> str:
    written = {given.upper()} - {""}
    if columns.has("base"):
        written = {str(code).upper() for code in text(columns.column("base")).drop_nulls()}
    if len(written) != 1:
        raise DataError(
            f"{columns.raw.label} must have one reporting currency",
            came=f"it has {', '.join(sorted(written)) or 'none'}",
            do="Write it in column base, the same in each row: EUR",
        )
    return written.pop()


def _rates(columns: BookColumns, currency: list[str]) -> dict[str, float]:
    """Interest rates by currency, decimals; unlike ones of a currency are refused, and percent too."""
    if not columns.has("rate"):
        return {}
    found, _ = columns.numbers("rate", optional=True)
    rates: dict[str, float] = {}
    for code, rate in zip(currency, found, strict=True):
        if rate is None:
            continue
        if abs(rate) > LARGEST_RATE or rates.get(code, rate) != rate:
            raise DataError(
                f"column '{columns.own['rate']}' of {columns.raw.label} must hold one decimal per currency",
                came=f"{code} has {rate:g}" + (f" and {rates[code]:g}" if code in rates else ""),
                do="Write 0.04 for 4 %",
            )
        rates[code] = rate
    return rates
