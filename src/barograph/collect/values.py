"""From what a file holds to dates and numbers, without guessing: what is not clearly one becomes null.

Blank means absent; these words mean blank: NA, N/A, #N/A, null, none and a single dot (FRED writes it so).
NaN is a number that went wrong, not a blank: it stays NaN and the contract refuses it.
"""

from __future__ import annotations

import datetime

import polars as pl

from barograph.core.notes import noted

BLANK_WORDS = ("", "na", "n/a", "#n/a", "null", "none", ".")
ISO_DATE = "%Y-%m-%d"
DATE_FORMATS = (
    ISO_DATE,
    "%Y/%m/%d",
    "%Y%m%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%d-%b-%Y",
    "%b %d, %Y",
)
FIRST_DAY, LAST_DAY = (
    day.toordinal() - datetime.date(1970, 1, 1).toordinal()
    for day in (datetime.date(1800, 1, 1), datetime.date(9999, 12, 31))
)
TICKS_A_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
CLOCK = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"  # an ISO date with a time of day behind it
DECIMAL_COMMA = r"^[+-]?\d+,(\d{1,2}|\d{4,})$"  # three digits behind a comma may be thousands
ONE_COMMA = r"^[+-]?\d+,\d+$"


def text(series: pl.Series) -> pl.Series:
    """A column as stripped text, null where blank; a type that has no text form becomes its type's name."""
    as_text = _cast_to_text(series).str.strip_chars()
    return as_text.set(as_text.str.to_lowercase().is_in(BLANK_WORDS).fill_null(False), None)


def _cast_to_text(series: pl.Series) -> pl.Series:
    if series.dtype in (pl.Binary, pl.Object, pl.Duration, pl.Time) or series.dtype.is_nested():
        return pl.Series(series.name, [f"({series.dtype})"] * len(series), dtype=pl.String)
    if series.dtype not in (pl.Date, pl.Datetime):
        return series.cast(pl.String)
    sound = _sound_times(series)
    beyond = sound.is_null() & series.is_not_null()
    return sound.cast(pl.String).set(beyond, "(beyond any calendar)")


def _sound_times(series: pl.Series) -> pl.Series:
    """Dates or times of the years 1800 to 9999, null elsewhere: damaged files hold days no calendar has."""
    days = series.to_physical()
    if isinstance(series.dtype, pl.Datetime):
        days = days // TICKS_A_DAY[series.dtype.time_unit]
    return series.set(~days.is_between(FIRST_DAY, LAST_DAY).fill_null(True), None)


def blank(series: pl.Series) -> pl.Series:
    """Which cells hold nothing (a boolean column)."""
    if series.dtype.is_numeric() or series.dtype.is_temporal():
        return series.is_null()
    return text(series).is_null()


def names(series: pl.Series) -> pl.Series:
    """A column of series' names: stripped text, null only where empty (NA is a ticker too)."""
    stripped = _cast_to_text(series).str.strip_chars()
    return stripped.set((stripped == "").fill_null(False), None)


def numbers(series: pl.Series) -> tuple[pl.Series, str]:
    """A column as Float64, null where blank or not a number, and a note on what was assumed ("" if nothing).

    A decimal comma is read only where the whole column shows it beyond doubt: no point anywhere, one comma
    at most in a value, and at least one value whose comma cannot separate thousands.
    """
    if series.dtype.is_numeric():
        return series.cast(pl.Float64), ""
    words = text(series)
    if series.dtype == pl.Boolean:
        return words.cast(pl.Float64, strict=False), ""
    commas = words.filter(words.str.contains(",", literal=True).fill_null(False))
    is_decimal = (
        not words.str.contains(".", literal=True).any()
        and bool(commas.str.contains(ONE_COMMA).all())
        and bool(commas.str.contains(DECIMAL_COMMA).any())
    )
    if not is_decimal:
        return words.cast(pl.Float64, strict=False), ""
    pointed = words.str.replace(",", ".", literal=True)
    return pointed.cast(pl.Float64, strict=False), noted("notes.reading.comma_of", name=series.name)


def dates(series: pl.Series) -> tuple[pl.Series, str]:
    """A column as Date, null where blank or not a date, and a note on what was assumed ("" if nothing).

    One format is taken for the whole column: the one that reads most values. Where two formats read equally
    many and disagree (day before month, or month before day), nothing is read.
    """
    if series.dtype == pl.Date:
        return _sound_times(series), ""
    if isinstance(series.dtype, pl.Datetime):
        moments = _sound_times(series)
        clock = (moments.dt.time() != datetime.time()).any()
        return moments.dt.date(), noted("notes.reading.no_clock_of", name=series.name) if clock else ""
    words = text(series)
    stamped = words.str.contains(CLOCK).fill_null(False)
    days = words.str.slice(0, 10).zip_with(stamped, words)
    parsed, form = _best_format(days)
    notes = [noted("notes.reading.dates_as", form=form)] if form != ISO_DATE else []
    notes += [noted("notes.reading.no_clock")] if stamped.any() else []
    return _sound_times(parsed), f"{series.name}: {'; '.join(notes)}" if notes else ""


def _best_format(days: pl.Series) -> tuple[pl.Series, str]:
    wanted = len(days) - days.null_count()
    nothing = pl.Series(days.name, [None] * len(days), dtype=pl.Date)
    best, best_count, best_form, ambiguous = nothing, 0, ISO_DATE, False
    for form in DATE_FORMATS:
        parsed = days.str.to_date(form, strict=False)
        count = len(parsed) - parsed.null_count()
        if count > best_count:
            best, best_count, best_form, ambiguous = parsed, count, form, False
        elif count and count == best_count and not parsed.equals(best):
            ambiguous = True
        if form == ISO_DATE and count == wanted:
            break
    return (nothing if ambiguous else best), best_form
