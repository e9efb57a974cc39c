"""Instants as people and programs write them: with a zone, without one, as dates, as epochs.

Epochs are told from each other by size: seconds, milli- or microseconds since 1970 that fall into the years
2000 to 2099 differ by a factor of a thousand. Text is a date in a form of `records.date_text`, a time of day
behind it, and a zone behind that ("Z", "+02:00").
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from barograph.collect.raw import RawTable
from barograph.collect.records.column_types import days_of, is_text, looks_like_dates
from barograph.collect.records.date_text import DateText, read_dates
from barograph.collect.records.number_text import number_words
from barograph.collect.records.rows import refuse_rows
from barograph.collect.values import text
from barograph.collect.violation import shortened
from barograph.core.errors import DataError
from barograph.core.notes import noted

MICRO = pl.Datetime("us")
TICKS = {"ms": 1e3, "us": 1.0, "ns": 1e-3}
EPOCHS = {"seconds": 1e6, "milliseconds": 1e3, "microseconds": 1.0}
"""Unit -> its length in microseconds."""
CENTURY = (946_684_800e6, 4_102_444_800e6)  # 2000 and 2100, microseconds since 1970
FARTHEST = 7e15  # microseconds from 1970, more than 220 years
NUMBER = r"^[+-]?\d+(?:\.\d*)?$"
CLOCK = (
    r"^(?<day>.*?\S)[T\s]\s*(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?"
    r"\s*(?<half>[AaPp][Mm])?\s*(?<zone>[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$"
)
WRITE = "Write every time as YYYY-MM-DDTHH:MM:SSZ, or as seconds or milliseconds since 1970"
AS_UTC = noted("notes.reading.utc")
AT_MIDNIGHT = noted("notes.reading.midnight")


def instants_of(raw: RawTable, name: str) -> tuple[pl.Series, tuple[str, ...]]:
    """A column that must hold instants, as microseconds UTC (Datetime without a zone), null where blank.

    Parameters
    ----------
    raw : RawTable
    name : str

    Returns
    -------
    tuple of polars.Series and tuple of str
        The instants, and what was assumed.

    Raises
    ------
    DataError
        A value is no instant, leaves in doubt which number is the day, or lacks the zone that others have.
    """
    series = raw.frame[name]
    if isinstance(series.dtype, pl.Datetime):
        return _typed(raw, name, series.dtype)
    if series.dtype.is_float() or (series.dtype.is_integer() and not looks_like_dates(series)):
        return _epochs(name, series.cast(pl.Float64).fill_nan(None))
    if series.dtype == pl.Date or series.dtype.is_integer():
        days, _, notes = days_of(raw, name)
        return days.cast(MICRO), (*notes, f"{name}: {AT_MIDNIGHT}")
    if not (is_text(series.dtype) or series.dtype == pl.Null):
        raise DataError(
            f"column '{shortened(name)}' of {raw.label} must hold instants",
            came=f"it holds values of type {series.dtype}",
            do=WRITE,
        )
    words = number_words(series)
    filled = words.drop_nulls()
    if len(filled) and filled.str.contains(NUMBER).all() and not looks_like_dates(filled):
        return _epochs(name, words.cast(pl.Float64))
    return _written(raw, name, words)


def names_zones(series: pl.Series) -> bool:
    """Whether a column of times names their zones, as a type or in its text."""
    if isinstance(series.dtype, pl.Datetime):
        return series.dtype.time_zone is not None
    return is_text(series.dtype) and bool(_parts(number_words(series))["zone"].is_not_null().any())


def wall_clocks_of(series: pl.Series, instants: pl.Series) -> pl.Series | None:
    """What the clocks of their own zones showed at instants; None where the column names no zone.

    Parameters
    ----------
    series : polars.Series
        The column; epochs count as UTC.
    instants : polars.Series
        Datetime [n]: what `instants_of` read from it.
    """
    if isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone is not None:
        there = instants.dt.replace_time_zone("UTC").dt.convert_time_zone(series.dtype.time_zone)
        return there.dt.replace_time_zone(None)
    if names_zones(series):
        east = _parts(number_words(series)).select(east=_minutes_east())["east"]
        return (instants.cast(pl.Int64) + east.fill_null(0) * 60_000_000).cast(MICRO)
    figures = number_words(series).drop_nulls().str.contains(NUMBER) if is_text(series.dtype) else None
    epochs = series.dtype.is_numeric() if figures is None else len(figures) > 0 and bool(figures.all())
    return instants if epochs and (series.dtype.is_float() or not looks_like_dates(series)) else None


def _parts(words: pl.Series) -> pl.DataFrame:
    """Day, time of day and zone of text, null where it shows no time of day."""
    return words.str.extract_groups(CLOCK).struct.unnest()


def _typed(raw: RawTable, name: str, kind: pl.Datetime) -> tuple[pl.Series, tuple[str, ...]]:
    """Times of a typed table; what no calendar has, as damaged files hold it, is refused."""
    ticks, length = raw.frame[name].to_physical(), TICKS[kind.time_unit]
    beyond = (ticks.cast(pl.Float64) * length).abs() > FARTHEST
    if beyond.any():
        shown = raw.frame.with_columns(text(raw.frame[name]).alias(name))
        refuse_rows(replace(raw, frame=shown), name, "hold instants of a calendar", beyond, do="Correct them")
    whole = ticks // 1000 if kind.time_unit == "ns" else ticks * int(length)
    said = "" if kind.time_zone == "UTC" else noted("notes.reading.zone", name=name, zone=kind.time_zone)
    note = f"{name}: {AS_UTC}" if kind.time_zone is None else said
    return whole.cast(MICRO), (note,) if note else ()


def _epochs(name: str, numbers: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """Numbers as instants in the unit that puts most of them into our century."""
    inside = {unit: int((numbers * length).is_between(*CENTURY).sum()) for unit, length in EPOCHS.items()}
    unit = max(inside, key=lambda one: inside[one])
    micro = (numbers * EPOCHS[unit]).round().clip(-FARTHEST, FARTHEST)
    read = noted("notes.reading.epoch", name=name, why=noted(f"notes.unit.{unit}"))
    return micro.cast(pl.Int64).cast(MICRO), (read,)


def _written(raw: RawTable, name: str, words: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """Text as instants: the day, the time of day behind it, the zone behind that."""
    parts = _parts(words)
    timed = parts["hour"].is_not_null()
    read = read_dates(words.zip_with(~timed, parts["day"]))
    refuse_rows(raw, name, "show which number is the day", read.in_doubt, do=WRITE)
    clock = parts.select(since=_microseconds(), east=_minutes_east())
    lost = read.values.is_null() | (timed & (clock["since"].is_null() | clock["east"].is_null()))
    refuse_rows(raw, name, "hold instants", words.is_not_null() & lost, do=WRITE)
    zoned, filled = parts["zone"].is_not_null(), words.is_not_null()
    if zoned.any():
        refuse_rows(raw, name, "carry a zone in every row, as others do", filled & ~zoned, do=WRITE)
    since = clock["since"].fill_null(0) - clock["east"].fill_null(0) * 60_000_000
    return (read.values.cast(MICRO).cast(pl.Int64) + since).cast(MICRO), _said(
        name, read, timed, filled, zoned
    )


def _microseconds() -> pl.Expr:
    """Microseconds since midnight; null where no clock shows it."""
    hour, minute, second = (pl.col(part).cast(pl.Int64) for part in ("hour", "minute", "second"))
    second = second.fill_null(0)
    fraction = pl.col("fraction").fill_null("").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64)
    half = pl.col("half").str.to_lowercase()
    hour_of_day = pl.when(half.is_null()).then(hour).otherwise(hour % 12 + 12 * (half == "pm").cast(pl.Int64))
    sound = hour.is_between(
        pl.when(half.is_null()).then(0).otherwise(1), pl.when(half.is_null()).then(23).otherwise(12)
    )
    micro = ((hour_of_day * 60 + minute) * 60 + second) * 1_000_000 + fraction
    return pl.when(sound & (minute < 60) & (second < 60)).then(micro)


def _minutes_east() -> pl.Expr:
    """Minutes of a zone east of Greenwich, 0 without one; null where there is no such zone."""
    zone = pl.col("zone").str.replace(":", "", literal=True)
    hours, minutes = zone.str.slice(1, 2).cast(pl.Int64, strict=False), zone.str.slice(3, 2)
    east = hours * 60 + pl.when(minutes == "").then(pl.lit("0")).otherwise(minutes).cast(
        pl.Int64, strict=False
    )
    signed = pl.when(zone.str.starts_with("-")).then(-east).otherwise(east)
    numbered = zone.str.contains(r"^[+-]").fill_null(False)
    return pl.when(~numbered).then(0).when(east <= 14 * 60).then(signed)


def _said(
    name: str, read: DateText, timed: pl.Series, filled: pl.Series, zoned: pl.Series
) -> tuple[str, ...]:
    """What was assumed while reading text."""
    notes = [noted("notes.reading.date_ways", name=name, n=len(read.forms))] if len(read.forms) > 1 else []
    notes += [noted(f"notes.reading.{read.order.replace(' ', '_')}", name=name)] if read.order else []
    short = int((filled & ~timed).sum())
    notes += [f"{name}: {short:,} {AT_MIDNIGHT}"] if short else []
    if timed.any():
        notes.append(noted("notes.reading.zones", name=name) if zoned.any() else f"{name}: {AS_UTC}")
    return tuple(notes)
