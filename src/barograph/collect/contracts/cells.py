"""A column's cells as a contract sees them: empty, readable as its type, or neither."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from barograph.collect.records.column_types import is_text
from barograph.collect.records.date_text import read_dates
from barograph.collect.records.number_text import is_absent, number_words, read_again, read_numbers
from barograph.collect.values import dates
from barograph.core.blanks import NO_CATEGORY

BLANK_LENGTH = max(len(word) for word in NO_CATEGORY)
DATE_DO = "Write every date as YYYY-MM-DD"
NUMBER_DO = "Write plain numbers: 12500.5"

Mask = pl.Series | None
"""Which cells; None for none of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Wrong:
    """Cells that break one rule."""

    rule: str
    do: str
    cells: pl.Series  # Boolean [rows]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A column looked at as a type."""

    values: pl.Series  # numbers or Date, null where empty or unreadable; text and anything else as it came
    empty: Mask
    wrong: tuple[Wrong, ...]  # cells that are neither empty nor of the type
    how: str = ""  # how its text is written, for reading the next part alike


def cells_of(series: pl.Series, kind: str, how: str | None, decimal: str = "") -> Cells | None:
    """The cells of a column; None where its type can never be read as `kind`.

    Parameters
    ----------
    series : polars.Series
    kind : str
        A `ColumnTerms.type`.
    how : str, optional
        How the text of an earlier part of the table was written; None finds out.
    decimal : str
        Sign before decimals that the table as a whole shows (`RawTable.decimal`).
    """
    if series.dtype == pl.Null:
        return Cells(series, _all(series), (), how or "")
    if kind in ("number", "whole"):
        return _numbers(series, kind, how, decimal)
    if kind == "date":
        return _days(series, how or "")
    opaque = series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object, pl.Duration, pl.Time)
    if opaque:
        return None if kind == "text" else Cells(series, _where(series.is_null()), ())
    return Cells(series, _blank(series), ())


def _all(series: pl.Series) -> pl.Series:
    return pl.Series([True] * len(series), dtype=pl.Boolean)


def _where(mask: pl.Series) -> Mask:
    return mask if mask.any() else None


def _blank(series: pl.Series) -> Mask:
    """Empty cells of a column of categories: only short texts are compared with the words for nothing."""
    if series.dtype.is_float():
        return _where(series.is_null() | series.is_nan().fill_null(False))
    missing = series.is_null()
    if not is_text(series.dtype):
        return _where(missing)
    words = series.cast(pl.String).str.strip_chars()
    short = words.filter(words.str.len_bytes() <= BLANK_LENGTH).unique()
    nothing = short.filter(short.str.to_lowercase().is_in(NO_CATEGORY))
    return _where(missing | words.is_in(nothing.to_list()).fill_null(False) if len(nothing) else missing)


def _absent(series: pl.Series) -> pl.Series:
    """Cells that are blank or hold a word for no figure."""
    blank = number_words(series).is_null()
    return blank | is_absent(series) if is_text(series.dtype) else blank


def _numbers(series: pl.Series, kind: str, how: str | None, decimal: str) -> Cells | None:
    if series.dtype.is_decimal():
        series = series.cast(pl.Float64)
    if series.dtype.is_numeric():
        values, empty, wrong = _typed_numbers(series)
        return Cells(values, empty, (*wrong, *_fractions(values, kind)))
    if not is_text(series.dtype):
        return None
    read = read_numbers(series, decimal) if how is None else read_again(series, how)
    empty = _where(_absent(series)) if read.values.null_count() else None
    unread = ~read.is_number if empty is None else ~read.is_number & ~empty
    rule = f"not a number beyond doubt: {read.doubt}" if read.doubt else "not a number"
    wrong = [Wrong(rule, NUMBER_DO, unread)] if unread.any() else []
    values, _, endless = _typed_numbers(read.values)
    return Cells(values, empty, (*wrong, *endless, *_fractions(values, kind)), read.how)


def _typed_numbers(series: pl.Series) -> tuple[pl.Series, Mask, list[Wrong]]:
    if not series.dtype.is_float():
        return series, _where(series.is_null()) if series.null_count() else None, []
    known = series.fill_nan(None)
    endless = known.is_infinite().fill_null(False)
    wrong = [Wrong("not finite", "Repair the value (a division by zero?)", endless)] if endless.any() else []
    values = known.set(endless, None) if wrong else known
    return values, _where(known.is_null()) if known.null_count() else None, wrong


def _fractions(values: pl.Series, kind: str) -> list[Wrong]:
    if kind != "whole" or not values.dtype.is_float():
        return []
    parts = (values != values.floor()).fill_null(False)
    return [Wrong("not a whole number", "Write a number without a fraction", parts)] if parts.any() else []


def _days(series: pl.Series, order: str) -> Cells | None:
    if series.dtype in (pl.Date, pl.Datetime):
        days, _ = dates(series)
        lost = (days.is_null() & series.is_not_null()) if days.null_count() else None
        wrong = (
            [Wrong("not a day of a calendar", "Correct it", lost)] if lost is not None and lost.any() else []
        )
        return Cells(days, _where(series.is_null()) if series.null_count() else None, tuple(wrong))
    if not (is_text(series.dtype) or series.dtype.is_numeric()):
        return None
    read = read_dates(series, order)
    empty = _absent(series)
    unread = read.values.is_null() & ~empty & ~read.in_doubt
    wrong = [Wrong("not a date", DATE_DO, unread)] if unread.any() else []
    if read.in_doubt.any():
        wrong.append(Wrong("day and month in doubt", DATE_DO, read.in_doubt))
    return Cells(read.values, _where(empty), tuple(wrong), read.order)
