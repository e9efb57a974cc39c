"""What a column is: numbers, dates or categories; and its values in that type, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from barograph.collect.raw import RawTable
from barograph.collect.records.date_text import DAY_FIRST, MONTH_FIRST, SERIAL, SERIALS, read_dates
from barograph.collect.records.number_text import (
    NumberText,
    holds_codes,
    is_absent,
    number_words,
    read_again,
    read_numbers,
)
from barograph.collect.records.rows import refuse_rows
from barograph.collect.values import dates
from barograph.collect.violation import shortened
from barograph.core.blanks import NO_CATEGORY
from barograph.core.errors import DataError
from barograph.core.records import Assumed

CALENDAR = (19000101, 21001231)
LEAST_DATE = 10_000
"""No whole number below is a date: not 202005, not a day as Excel counts."""
MANY_CATEGORIES = 1_000
MOSTLY = 0.9  # share of numbers from which text among them is worth a note
WRITE_NUMBERS = "Write plain numbers: 12500.5"
WRITE_DATES = "Write every date as YYYY-MM-DD"

Kind = Literal["numeric", "categorical", "date"]


@dataclass(frozen=True, slots=True, eq=False)
class TypedColumn:
    """A column in its type: Float64 for numbers, Date for dates, String for categories; null is missing."""

    kind: Kind
    values: pl.Series
    how: str = ""  # how its text was written, if reading it again needs to know (see `RecordSchema.written`)
    notes: tuple[str, ...] = ()
    assumed: tuple[Assumed, ...] = ()


def typed(raw: RawTable, name: str) -> TypedColumn:
    """A column in the type that its values show; raises `DataError` for infinite numbers and for doubt."""
    series = raw.frame[name]
    if series.dtype in (pl.Boolean, pl.Null):
        return TypedColumn("categorical", categories(series))
    if series.dtype.is_numeric():
        return _typed_numbers(raw, name)
    if series.dtype in (pl.Date, pl.Datetime):
        return day_column(raw, name)
    if not is_text(series.dtype):
        raise _unreadable(raw, name)
    return _typed_text(raw, name)


def numbers_of(raw: RawTable, name: str, how: str | None = None) -> TypedColumn:
    """A column that must hold numbers, written as `how` says, or as its values show where that is None."""
    series = raw.frame[name]
    if series.dtype.is_numeric():
        return _finite(raw, name, series.cast(pl.Float64).fill_nan(None), "")
    if not is_text(series.dtype):
        if series.dtype == pl.Null:
            return TypedColumn("numeric", series.cast(pl.Float64))
        raise DataError(
            f"column '{shortened(name)}' of {raw.label} must hold numbers",
            came=f"it holds values of type {series.dtype}",
            do=WRITE_NUMBERS,
        )
    how = raw.written.get(name) if how is None else how
    read = read_numbers(series, raw.decimal) if how is None else read_again(series, how)
    bad = number_words(series).is_not_null() & ~read.is_number & ~is_absent(series)
    refuse_rows(
        raw,
        name,
        "hold numbers" + (f", written as in training ({how})" if how else ""),
        bad,
        do=WRITE_NUMBERS,
    )
    return _read(raw, name, read)


def days_of(raw: RawTable, name: str, order: str = "") -> tuple[pl.Series, str, tuple[str, ...]]:
    """A column that must hold dates, as Date (null where blank): days, order of day and month, notes."""
    series = raw.frame[name]
    if series.dtype in (pl.Date, pl.Datetime):
        days, note = dates(series)
        refuse_rows(
            raw, name, "hold days of a calendar", days.is_null() & series.is_not_null(), do="Correct them"
        )
        return days, "", (note,) if note else ()
    if not (is_text(series.dtype) or series.dtype.is_numeric() or series.dtype == pl.Null):
        raise DataError(
            f"column '{shortened(name)}' of {raw.label} must hold dates",
            came=f"it holds values of type {series.dtype}",
            do=WRITE_DATES,
        )
    read = read_dates(series, order or raw.written.get(name, ""))
    do = (
        f'Say it: --set "collect.written.{name}={DAY_FIRST}" or --set "collect.written.{name}={MONTH_FIRST}" '
        "(these may be day before month or month before day)"
    )
    refuse_rows(raw, name, "show which number is the day", read.in_doubt, do=do)
    blank = number_words(series).is_null() | (is_text(series.dtype) & is_absent(series))
    refuse_rows(raw, name, "hold dates", ~blank & read.values.is_null(), do=WRITE_DATES)
    notes = [f"{name}: dates written in {len(read.forms)} ways, each read"] if len(read.forms) > 1 else []
    notes += [f"{name}: dates read {read.order}"] if read.order else []
    return read.values, read.order, tuple(notes)


def day_column(raw: RawTable, name: str, order: str = "") -> TypedColumn:
    """As `days_of`, as a typed column."""
    days, found, notes = days_of(raw, name, order)
    said: tuple[Assumed, ...] = ()
    if found and found != (order or raw.written.get(name)):
        said = (Assumed("dates", found, name, "collect.written"),)
    elif not found and is_text(raw.frame[name].dtype):
        forms = read_dates(raw.frame[name]).forms
        said = (Assumed("dates", ", ".join(forms), name),) if forms != ("YYYY-MM-DD",) and forms else ()
    return TypedColumn("date", days, found, notes, said)


def categories(series: pl.Series) -> pl.Series:
    """A column as String, null where blank: whole numbers without a point, true and false in lower case."""
    if series.dtype.is_float():
        whole = ((series == series.floor()) & (series.abs() < 1e15)).fill_null(False)
        as_text = series.cast(pl.String).zip_with(
            ~whole, series.set(~whole, None).cast(pl.Int64).cast(pl.String)
        )
    else:
        as_text = series.cast(pl.String)
    words = as_text.str.strip_chars()
    lower = words.str.to_lowercase()
    words = words.zip_with(~lower.is_in(["true", "false"]).fill_null(False), lower)
    return words.set(lower.is_in(NO_CATEGORY).fill_null(False), None)


def is_text(dtype: pl.DataType) -> bool:
    """Whether a column holds text, plain or as codes."""
    return dtype in (pl.String, pl.Categorical, pl.Enum)


def looks_like_dates(series: pl.Series) -> bool:
    """Whether a column's values are written like dates, most of them at least."""
    if series.dtype in (pl.Date, pl.Datetime):
        return True
    if series.dtype.is_numeric():
        filled = series.drop_nulls()
        if not len(filled) or not filled.is_between(SERIALS[0], CALENDAR[1]).all():
            return False
        read = read_dates(filled)
        return bool(read.looks.all()) and bool(read.values.is_not_null().all())
    if not is_text(series.dtype) or _plain_figures(series):
        return False
    filled = number_words(series).drop_nulls()
    if not len(filled):
        return False
    read = read_dates(filled)
    if read.forms and read.forms[0] in ("YYYYMMDD", "YYYYMM", "serial") and len(read.forms) == 1:
        return bool(read.looks.all()) and bool(read.values.is_not_null().all())
    return 2 * int(read.looks.sum()) >= len(filled)


def _plain_figures(series: pl.Series) -> bool:
    """Whether a text column holds only numbers that no date is written like: with decimals, or small."""
    if series.dtype != pl.String:
        return False
    values = series.cast(pl.Float64, strict=False)
    if values.null_count() > series.null_count() + int((series == "").sum()):
        return False
    top = values.max()
    fractions = bool((values != values.floor()).any())
    return fractions or (isinstance(top, float) and top < LEAST_DATE)


def _typed_numbers(raw: RawTable, name: str) -> TypedColumn:
    if looks_like_dates(raw.frame[name]):
        column = day_column(raw, name)
        form = "days as Excel counts them" if column.how == SERIAL else "dates YYYYMMDD"
        return replace(column, notes=(*column.notes, f"{name}: whole numbers read as {form}"))
    return numbers_of(raw, name)


def _typed_text(raw: RawTable, name: str) -> TypedColumn:
    series = raw.frame[name]
    if looks_like_dates(series):
        return day_column(raw, name)
    if raw.written.get(name):
        return numbers_of(raw, name)
    read = read_numbers(series, raw.decimal)
    if read.plain and not holds_codes(series):
        return _read(raw, name, read)
    words = number_words(series)
    words = words.set(is_absent(words), None) if read.absent else words
    filled, found = len(words) - words.null_count(), int(read.is_number.sum())
    if filled and found == filled and not holds_codes(series):
        return _read(raw, name, read)
    values = categories(series)
    said: list[str] = []
    if found == filled and filled:
        said.append(f"{name}: numbers with leading zeros are codes: read as categories")
    elif found >= MOSTLY * filled and filled:
        said.append(
            f"{name}: {found:,} of {filled:,} values are numbers, the others are not: read as categories"
        )
    if values.n_unique() > MANY_CATEGORIES:
        said.append(f"{name}: {values.n_unique():,} categories; the models see the frequent ones apart")
    return TypedColumn("categorical", values, notes=tuple(said))


def _read(raw: RawTable, name: str, read: NumberText) -> TypedColumn:
    if read.doubt:
        signs = " may be " in read.doubt
        raise DataError(
            f"column '{shortened(name)}' of {raw.label} must hold numbers that can be read in one way",
            came=read.doubt,
            do="Say it: --set collect.decimal=comma or --set collect.decimal=point"
            if signs
            else f"{WRITE_NUMBERS}, all in one unit",
        )
    words = {"point": "currency signs or commas between thousands left out", "comma": "decimal commas read"}
    words["percent"] = "percent signs left out, values stay in percent"
    said = [words[one] for one in read.how.split()]
    done = _finite(raw, name, read.values, read.how)
    notes = [f"{name}: {'; '.join(said)}"] if said else []
    assumed = []
    if read.how and read.how != raw.written.get(name):
        assumed.append(Assumed("numbers", read.how, name, "collect.written"))
    if read.absent:
        notes.append(f"{name}: read as missing: {', '.join(read.absent)}")
        assumed.append(Assumed("absent", ", ".join(read.absent), name))
    return TypedColumn("numeric", done.values, read.how, tuple(notes), tuple(assumed))


def _finite(raw: RawTable, name: str, values: pl.Series, how: str) -> TypedColumn:
    refuse_rows(
        raw, name, "hold finite numbers", values.is_infinite(), do="Correct them, or leave the cells empty"
    )
    return TypedColumn("numeric", values, how)


def _unreadable(raw: RawTable, name: str) -> DataError:
    return DataError(
        f"column '{shortened(name)}' of {raw.label} must hold numbers, text or dates",
        came=f"it holds values of type {raw.frame[name].dtype}",
        do=f"Convert it, or leave it out: collect.ignore: [{name}]",
    )
