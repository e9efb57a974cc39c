"""Dates as people write them, several ways in one column if each value is beyond doubt.

ISO (2020-03-05, 2020/3/5, with or without a time of day), 20200305, 05.03.2020, 5-Mar-2020 and the months and
quarters of `records.period_text` say what they mean. 03/05/2020 does not: it is read if other values of a
column written so throughout show which number is the day, if its own numbers do (25/03/2020), or if only one
order makes a calendar of the column: rows in order of time, without holes. Whole numbers that are no such
dates are days since 1899-12-30, as Excel counts them, where the column must hold dates or its name says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.collect.records.period_text import full_year, read_periods
from barograph.collect.values import text

CLOCK = r"(?:[T ]\d{1,2}:\d{2}.*)?$"
CLEAR: dict[str, tuple[str, tuple[int, int, int]]] = {
    "YYYY-MM-DD": (r"^(\d{4})-(\d{1,2})-(\d{1,2})" + CLOCK, (1, 2, 3)),
    "YYYY/MM/DD": (r"^(\d{4})/(\d{1,2})/(\d{1,2})" + CLOCK, (1, 2, 3)),
    "YYYYMMDD": (r"^((?:19|20)\d{2})(\d{2})(\d{2})$", (1, 2, 3)),
    "DD.MM.YYYY": (r"^(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})" + CLOCK, (3, 2, 1)),
}
"""Form -> its pattern, and the groups of year, month and day."""
UNCLEAR = {
    "slashes": r"^(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})" + CLOCK,
    "dashes": r"^(\d{1,2})-(\d{1,2})-(\d{4})" + CLOCK,
}
DAY_FIRST, MONTH_FIRST, SERIAL = "day first", "month first", "serial"
EXCEL_ZERO = -25_569
"""1899-12-30, from which Excel counts days, in days from 1970-01-01."""
SERIALS = (10_958, 73_050)
"""1930 and 2100 as Excel counts days."""
YEAR_MONTH = r"^(?:19|20)\d{2}(?:0[1-9]|1[0-2])$"
WHOLE = r"^\d{5}(?:\.0+)?$"
SERIAL_NAMES = ("date", "datum", "fecha", "dt", "day", "日期", "time", "period", "month")
"""Last words of names of columns in which such numbers are dates."""
EVEN, UNEVEN = 6.0, 12.0
"""Widest gap over middle gap of a calendar (days with weekends and holidays have up to 6), and of none."""
LEAST_GAPS = 10
"""Gaps between days below which order in time shows nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class DateText:
    """A text column looked at as dates."""

    values: pl.Series  # Date, null where blank, no date, or in doubt
    looks: pl.Series  # Boolean: written like a date
    in_doubt: pl.Series  # Boolean: a date whose day and month cannot be told apart
    order: str  # DAY_FIRST or MONTH_FIRST where the column showed it, "" otherwise
    forms: tuple[str, ...]  # the ways in which its dates are written


def read_dates(series: pl.Series, order: str = "") -> DateText:
    """A text column as dates.

    Parameters
    ----------
    series : polars.Series
        Text, or whole numbers such as 20200305.
    order : str
        What is known beforehand about dates like 03/05/2020; "" finds out.
    """
    words = text(series)
    values = pl.Series(series.name, [None] * len(words), dtype=pl.Date)
    looks = pl.Series([False] * len(words))
    forms: list[str] = []
    for form, (pattern, groups) in CLEAR.items():
        fits = words.str.contains(pattern).fill_null(False)
        if fits.any():
            year, month, day = (words.str.extract(pattern, group) for group in groups)
            values, looks, forms = (
                values.zip_with(~fits, _day(year, month, day)),
                looks | fits,
                [*forms, form],
            )
    named, fits, more = read_periods(words.set(looks, None))
    values, looks = values.zip_with(~fits, named), looks | fits
    found = DateText(values, looks, looks & False, "", (*forms, *more))
    if order == SERIAL or not (order or looks.any()):
        return _serials(words, found)
    return _with_unclear(words, found, order)


def _serials(words: pl.Series, clear: DateText) -> DateText:
    """Whole numbers as months (202005) or as Excel's days, if all are; they look like dates only where the
    column's name says so.
    """
    filled = words.drop_nulls()
    named = re.split(r"[\W_]+", words.name.lower())[-1] in SERIAL_NAMES
    if len(filled) and filled.str.contains(YEAR_MONTH).all():
        days = (words.str.slice(0, 4) + "-" + words.str.slice(4, 2) + "-01").str.to_date(
            "%Y-%m-%d", strict=False
        )
        return DateText(days, days.is_not_null() & named, clear.in_doubt, "", ("YYYYMM",))
    numbers = words.set(~words.str.contains(WHOLE).fill_null(False), None).cast(pl.Float64)
    if not len(filled) or numbers.null_count() > words.null_count():
        return _with_unclear(words, clear, "")
    if not numbers.drop_nulls().is_between(*SERIALS).all():
        return clear
    days = (numbers.cast(pl.Int32) + EXCEL_ZERO).cast(pl.Date)
    return DateText(days, days.is_not_null() & named, clear.in_doubt, SERIAL, ("serial",))


def _with_unclear(words: pl.Series, clear: DateText, order: str) -> DateText:
    """Adds the dates whose day and month look alike."""
    found = {name: words.str.contains(pattern).fill_null(False) for name, pattern in UNCLEAR.items()}
    found = {name: fits for name, fits in found.items() if fits.any()}
    values, looks, in_doubt = clear.values, clear.looks, clear.in_doubt
    alone = len(found) == 1 and not clear.forms
    for name, fits in found.items():
        first, second, year = (words.str.extract(UNCLEAR[name], group) for group in (1, 2, 3))
        a, b = first.cast(pl.Int64), second.cast(pl.Int64)
        day_shown, month_shown = fits & (a > 12), fits & (b > 12)
        if alone and not order and bool(day_shown.any()) != bool(month_shown.any()):
            order = DAY_FIRST if day_shown.any() else MONTH_FIRST
        elif alone and not order and not day_shown.any():
            order = _order_in_time(_day(year, second, first), _day(year, first, second))
        day_first = fits if order == DAY_FIRST else day_shown
        doubt = fits & ~day_shown & ~month_shown & (a != b) if not order else fits & False
        read = _day(year, first, second).zip_with(~day_first.fill_null(False), _day(year, second, first))
        values = values.zip_with(~(fits & ~doubt.fill_null(False)), read)
        looks, in_doubt = looks | fits, in_doubt | doubt.fill_null(False)
    kept = order if found else ""
    return DateText(values, looks, in_doubt, kept, (*clear.forms, *found))


def _order_in_time(day_first: pl.Series, month_first: pl.Series) -> str:
    """Which order makes a calendar of a column read both ways; "" if both do, or neither.

    In order of time beats running back; of two readings in order, the one without holes is the calendar.
    """
    day_gap, month_gap = _widest_gap(day_first), _widest_gap(month_first)
    if np.isinf(day_gap) != np.isinf(month_gap):
        return MONTH_FIRST if np.isinf(day_gap) else DAY_FIRST
    if month_gap <= EVEN and day_gap >= UNEVEN:
        return MONTH_FIRST
    return DAY_FIRST if day_gap <= EVEN and month_gap >= UNEVEN else ""


def _widest_gap(days: pl.Series) -> float:
    """The widest gap between neighbours in terms of the middle one; infinite where time runs back."""
    gaps = days.drop_nulls().cast(pl.Int32).diff().drop_nulls().to_numpy().astype(np.float64)
    gaps = gaps[gaps != 0.0]
    if gaps.size < LEAST_GAPS or (gaps.min() < 0.0 < gaps.max()):
        return np.inf
    return float(np.abs(gaps).max() / np.median(np.abs(gaps)))


def _day(year: pl.Series, month: pl.Series, day: pl.Series) -> pl.Series:
    """Year, month and day as Date, null where no calendar has it or outside 1800 to 2200."""
    whole = full_year(year)
    written = whole.cast(pl.String) + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)
    sound = whole.is_between(1800, 2200).fill_null(False)
    return written.set(~sound, None).str.to_date("%Y-%m-%d", strict=False)
