"""Reads a banking book: bonds, loans and deposits with their coupons, maturities and resets."""

from __future__ import annotations

import datetime

from barograph.collect.books.table import CURRENCY_WORDS, BookColumns, book_columns, raw_book
from barograph.collect.values import names, numbers, text
from barograph.core.banking_book import LONGEST, BankingBook, Instrument, Term
from barograph.core.errors import DataError
from barograph.core.notes import noted

COLUMNS: dict[str, tuple[str, ...]] = {
    "instrument": ("instrument", "name", "id", "position", "bond", "isin"),
    "notional": ("notional", "nominal", "face", "principal", "balance", "amount"),
    "coupon": ("coupon", "rate", "interest rate", "coupon percent", "rate percent"),
    "maturity": ("maturity", "maturity date", "matures", "years", "term"),
    "currency": CURRENCY_WORDS,
    "frequency": ("frequency", "payments", "coupons a year"),
    "type": ("type", "kind", "fixed or floating"),
    "reprices": ("reprices", "repricing", "repricing date", "next reset", "reset"),
    "side": ("side", "asset or liability"),
    "exchange": ("exchange rate", "fx rate", "fx"),
    "reporting": ("reporting currency", "base"),
}
NEEDED = "Give a table with the columns instrument, notional, coupon and maturity"
TYPES = {
    "fixed": "fixed",
    "fix": "fixed",
    "floating": "floating",
    "float": "floating",
    "variable": "floating",
}
SIDES = {"asset": "asset", "assets": "asset", "liability": "liability", "liabilities": "liability"}
PERCENT, DOUBTFUL = 1.0, 0.3
"""A coupon above the first is percent; one between both could be either."""


def read_banking_book(book: object, *, label: str = "book") -> BankingBook:
    """The banking book in a file or table.

    Parameters
    ----------
    book : path, or a polars, pandas or Arrow table
        Columns: ``instrument``, ``notional``, ``coupon`` (decimal per year; or a column coupon_percent),
        ``maturity`` (a day, or years from now); optional ``currency`` (USD where there is none),
        ``frequency`` (payments a year, 1 where there is none), ``type`` (fixed, floating), ``reprices`` (next
        reset of a floating one: a day or years; one period where there is none), ``side`` (asset, liability;
        otherwise the sign of the notional says), and, to add up over currencies, ``reporting_currency`` and
        ``exchange_rate`` (units of it for one unit of the row's currency).

    Returns
    -------
    BankingBook
        Its notes say what was assumed.

    Raises
    ------
    DataError
        Missing column, empty table, text among numbers, a term that is neither years nor a day, unlike
        exchange rates of one currency.
    """
    if isinstance(book, BankingBook):
        return book
    raw = raw_book(book, label=label, needed=NEEDED)
    columns = book_columns(raw, COLUMNS, needed=("instrument", "notional", "coupon", "maturity"), hint=NEEDED)
    called = names(columns.column("instrument"))
    columns.refuse("instrument", "name an instrument in each row", called.is_null(), do="Fill it")
    notional, notes = _notional(columns)
    coupon, said = _coupons(columns)
    maturity, read = _terms(columns, "maturity")
    columns.refuse(
        "maturity", "be filled in each row", text(columns.column("maturity")).is_null(), do="Fill it"
    )
    frequency = _frequencies(columns)
    reprices, more = _resets(columns, frequency)
    currency = columns.currencies()
    rows = zip(called.to_list(), notional, coupon, maturity, currency, frequency, reprices, strict=True)
    instruments = tuple(Instrument(*row) for row in rows)
    reporting, exchange = _exchange(columns, currency)
    assumed = (*raw.notes, *notes, *said, *read, *more)
    return BankingBook(instruments, reporting, exchange, assumed)


def _notional(columns: BookColumns) -> tuple[list[float], list[str]]:
    """Notionals signed by side: liabilities negative."""
    found, notes = columns.numbers("notional")
    amounts = [float(one or 0.0) for one in found]
    if not columns.has("side"):
        owed = sum(one < 0.0 for one in amounts)
        return amounts, [*notes, noted("notes.book.negative", n=owed)] if owed else notes
    sides = columns.words("side", SIDES, default="asset")
    negative = columns.column("notional").cast(float, strict=False) < 0.0
    columns.refuse("notional", "be positive where a side is given", negative, do="Let the side say the sign")
    return [-one if side == "liability" else one for one, side in zip(amounts, sides, strict=True)], notes


def _coupons(columns: BookColumns) -> tuple[list[float], list[str]]:
    """Coupons as decimals; where their unit is not beyond doubt, a note names both readings."""
    found, notes = columns.numbers("coupon")
    rates, name = [float(one or 0.0) for one in found], columns.own["coupon"]
    largest = max(abs(rate) for rate in rates)
    if "percent" in name.lower() or "%" in name:
        return [rate / 100.0 for rate in rates], notes
    if largest > PERCENT:
        values = {"largest": largest, "percent": largest, "decimals": largest}
        said = noted("notes.book.coupon_percent", name=name, **values)
        return [rate / 100.0 for rate in rates], [*notes, said]
    if largest > DOUBTFUL:
        said = noted("notes.book.coupon_decimals", name=name, largest=largest, share=largest)
        return rates, [*notes, f"{said}; {noted('notes.book.coupon_meant', percent=largest)}"]
    return rates, notes


def _terms(columns: BookColumns, name: str) -> tuple[list[Term | None], list[str]]:
    """Years or days of a column, None where empty; one way of writing for all its rows."""
    own = columns.column(name)
    years, note = numbers(own)
    filled = text(own).is_not_null()
    if own.dtype.is_temporal() or (filled & years.is_null()).any():
        days, notes = columns.days(name)
        strange = filled & days.is_null()
        columns.refuse(
            name, "hold days, or years from now, all alike", strange, do="Write 2031-06-30, or 4.5"
        )
        return [day if isinstance(day, datetime.date) else None for day in days], notes
    calendar = (years > LONGEST).fill_null(False)
    columns.refuse(name, f"hold days, or at most {LONGEST:g} years", calendar, do="Write 2031-06-30, or 4.5")
    return years.to_list(), [note] if note else []


def _frequencies(columns: BookColumns) -> list[int]:
    if not columns.has("frequency"):
        return [1] * columns.rows
    found, _ = columns.numbers("frequency", optional=True)
    odd = columns.column("frequency").cast(float, strict=False).is_in([1.0, 2.0, 4.0, 12.0])
    columns.refuse("frequency", "be 1, 2, 4 or 12", ~odd.fill_null(True), do="Write payments a year")
    return [1 if one is None else int(one) for one in found]


def _resets(columns: BookColumns, frequency: list[int]) -> tuple[list[Term | None], list[str]]:
    """The next reset of each floating instrument, None for fixed ones."""
    terms: list[Term | None] = [None] * columns.rows
    notes: list[str] = []
    if columns.has("reprices"):
        terms, notes = _terms(columns, "reprices")
    if not columns.has("type"):
        return terms, notes
    kinds = columns.words("type", TYPES, default="fixed")
    assumed = sum(kind == "floating" and term is None for kind, term in zip(kinds, terms, strict=True))
    if assumed:
        notes = [*notes, noted("notes.book.no_reset", n=assumed)]
    return [
        (1.0 / often if term is None else term) if kind == "floating" else None
        for kind, term, often in zip(kinds, terms, frequency, strict=True)
    ], notes


def _exchange(columns: BookColumns, currency: list[str]) -> tuple[str, tuple[tuple[str, float], ...]]:
    """The reporting currency and what one unit of each currency is worth in it."""
    held = list(dict.fromkeys(currency))
    if not columns.has("reporting"):
        return (held[0], ((held[0], 1.0),)) if len(held) == 1 else ("", ())
    written = {str(code).upper() for code in text(columns.column("reporting")).drop_nulls()}
    if len(written) != 1:
        raise DataError(
            f"{columns.raw.label} must have one reporting currency",
            came=f"it has {', '.join(sorted(written)) or 'none'}",
            do="Write the same in each row",
        )
    base = written.pop()
    rates = {base: {1.0}}
    found = columns.numbers("exchange", optional=True)[0] if columns.has("exchange") else []
    for code, rate in zip(currency, found, strict=False):
        if rate is not None and code != base:
            rates.setdefault(code, set()).add(rate)
    for code in held:
        if len(rates.get(code, ())) != 1 or min(rates[code]) <= 0.0:
            raise DataError(
                f"{columns.raw.label} must have one exchange rate above zero for {code}, in {base}",
                came=f"it has {', '.join(f'{rate:g}' for rate in sorted(rates.get(code, ()))) or 'none'}",
                do=f"Write in column exchange_rate how many {base} one {code} is worth",
            )
    return base, tuple((code, min(rates[code])) for code in held)
