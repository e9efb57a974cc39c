"""Joins in time: each row sees of another table only what was known before its own moment.

A value speaks of a *period*, and is *known* from a moment on: when it was published, plus a lag. Of the
values known before a row's moment, the row sees the one of the newest period; of several vintages of that
period the one published last; of vintages published together the lower row. An empty cell is no value: it
neither replaces an older vintage nor hides an earlier period. So a late revision of an old period never
takes the place of a newer period, as the row published last would.

A value known at exactly a row's moment is not seen: days do not say which of two came first. So a value of
which only the day is known is seen by instants from the next midnight on. Whoever knows that it came first
says so (`same_moment`); a day then counts from its own midnight.

Zones: instants that name their zones are compared as instants. Where only one of two columns does, and the
other holds plain days, a day is one of the zone's own clock; a clock without a zone is then refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from barograph.collect.raw import RawTable
from barograph.collect.reading import table_of
from barograph.collect.records.column_types import categories, days_of, is_text, looks_like_dates
from barograph.collect.records.instants import instants_of, names_zones, wall_clocks_of
from barograph.collect.records.number_text import is_absent, number_words, read_numbers
from barograph.collect.records.roles import ColumnFinder
from barograph.collect.records.rows import refuse_rows
from barograph.core.errors import DataError, SettingError
from barograph.core.notes import noted
from barograph.core.record_sections import JoinSection
from barograph.core.scoring_study import RecordsSection

MICRO = pl.Datetime("us")
CLOCK = r"\d:\d\d"
ORIGIN, KNOWN, PERIOD, RANK, PLACE = "\0origin", "\0known", "\0period", "\0rank", "\0place"


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """Values with their periods, the moments they were known from, and whom they are of."""

    period: pl.Series  # Datetime [n]
    known: pl.Series  # Datetime [n]; null: never
    keys: Sequence[pl.Series]  # String [n] each; a value with an empty key is nobody's
    values: pl.Series  # [n] of any type; null is no value


def as_of(
    origin: pl.Series, keys: Sequence[pl.Series], of: Published, *, same_moment: bool = False
) -> tuple[pl.Series, pl.Series]:
    """What each row sees of published values, and the period of which it is.

    Parameters
    ----------
    origin : polars.Series
        Datetime [rows]: the moment of each row.
    keys : sequence of polars.Series
        String [rows] each, as many as `of.keys`: whose values a row sees; where empty, none.
    of : Published
    same_moment : bool
        Whether a value known at exactly the row's moment is seen.

    Returns
    -------
    tuple of polars.Series
        Values and periods, [rows] each, in the rows' order; null where nothing was known.
    """
    named = [f"\0key{place}" for place in range(len(keys))]
    whose = [one.alias(name) for one, name in zip(of.keys, named, strict=True)]
    told = [of.period.alias(PERIOD), of.known.alias(KNOWN), of.values.alias("value")]
    ranked = (
        pl.DataFrame([*whose, *told])
        .drop_nulls()
        .sort(PERIOD, KNOWN, maintain_order=True)
        .with_row_index(RANK)
    )
    best = ranked.group_by([*named, KNOWN]).agg(pl.col(RANK).max()).sort(KNOWN)
    newest = pl.col(RANK).cum_max()
    best = best.with_columns(newest.over(named) if named else newest)
    mine = [one.alias(name) for one, name in zip(keys, named, strict=True)]
    rows = pl.DataFrame([origin.alias(ORIGIN), *mine]).with_row_index(PLACE).drop_nulls().sort(ORIGIN)
    seen = rows.join_asof(
        best,
        left_on=ORIGIN,
        right_on=KNOWN,
        by=named or None,
        strategy="backward",
        allow_exact_matches=same_moment,
        check_sortedness=False,
    )
    found = seen.select(PLACE, RANK).join(ranked.select(RANK, PERIOD, "value"), on=RANK, how="left")
    places = pl.DataFrame({PLACE: pl.int_range(len(origin), dtype=pl.UInt32, eager=True)})
    whole = places.join(found, on=PLACE, how="left", maintain_order="left")
    return whole["value"], whole[PERIOD]


def joined(raw: RawTable, section: RecordsSection, *, instants: bool) -> RawTable:
    """A table of records with the columns that `collect.join` takes from other tables.

    Parameters
    ----------
    raw : RawTable
        As read; its rows and their order stay.
    section : RecordsSection
    instants : bool
        Whether its time is an instant instead of a day, whose midnight is then the row's moment.

    Raises
    ------
    SettingError
        A column that is named is not there, or a name is taken.
    DataError
        A time cannot be read, or nothing was known before any row.
    """
    if not section.time:
        raise SettingError(
            "collect.join must go with a time column, before which values must be known",
            came="collect.time names none",
            do="Name it: --time COLUMN",
        )
    name = ColumnFinder(raw)("collect.time", section.time)
    origin = _instants(raw, name) if instants else _midnights(raw, name)
    refuse_rows(raw, name, "say in every row when the record was made", origin.at.is_null(), do="Fill it")
    for place, one in enumerate(section.join):
        raw = _with(raw, origin, one, f"collect.join.{place}")
    return raw


def _with(raw: RawTable, made: _Moments, section: JoinSection, setting: str) -> RawTable:
    other = table_of(section.source)
    mine, theirs = ColumnFinder(raw), ColumnFinder(other)
    by = {mine(f"{setting}.by", own): theirs(f"{setting}.by", its) for own, its in section.by.items()}
    time = theirs(f"{setting}.time", section.time)
    known = theirs(f"{setting}.known", section.known) if section.known else time
    period = _moments(other, time).at
    stated = _moments(other, known)
    origin, published = _comparable(made, stated)
    if made.clock and not stated.clock and not section.same_moment:
        published = published.dt.offset_by("1d")  # when in its day it was published is not known
    if section.delay:
        published = published.dt.offset_by(section.delay)
    columns = [theirs(f"{setting}.columns", one) for one in section.columns]
    columns = columns or [one for one in other.frame.columns if one not in {time, known, *by.values()}]
    keys = [categories(raw.frame[one]) for one in by]
    of_keys = [categories(other.frame[one]) for one in by.values()]
    frame, notes, written = raw.frame, [], dict(raw.written)
    for column in columns:
        called = section.prefix + column
        if called in frame.columns:
            came = f"{raw.label} has a column '{called}', and so would {other.label}"
            raise SettingError(
                f"{setting} must give its columns names of their own",
                came=came,
                do=f"Set {setting}.prefix, or name the columns to take",
            )
        of = Published(period, published, of_keys, _filled(other.frame[column]))
        values, periods = as_of(origin, keys, of, same_moment=section.same_moment)
        frame = frame.with_columns(values.alias(called))
        notes.append(_note(called, origin, periods, other, published))
        if called not in written and (how := _how(other, column, called)):
            written[called] = how
    return replace(raw, frame=frame, notes=(*raw.notes, *notes), written=written)


def _how(other: RawTable, column: str, called: str) -> str:
    """How a table writes the numbers of a column, found out in that table; "" where plainly, or none."""
    series = other.frame[column]
    if column in other.written or not is_text(series.dtype) or looks_like_dates(series):
        return other.written.get(column, "")
    read = read_numbers(series, other.decimal)
    if (number_words(series).is_not_null() & ~read.is_number & ~is_absent(series)).any():
        return ""
    if read.doubt:
        raise DataError(
            f"column '{column}' of {other.label} must hold numbers that can be read in one way",
            came=read.doubt,
            do=f"Say how it is written: --set collect.written.{called}=comma or =point",
        )
    return read.how


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """A column of days or instants as moments that can be compared."""

    name: str
    at: pl.Series  # Datetime [n]: UTC where the column names zones
    wall: pl.Series | None  # Datetime [n]: as the clock of its own zone shows it; None where none is named
    clock: bool  # whether it shows a time of day


def _moments(raw: RawTable, name: str) -> _Moments:
    """A column of days or instants; a day counts from its midnight."""
    if _shows_clock(raw.frame[name]):
        return _instants(raw, name)
    return _Moments(f"'{name}' of {raw.label}", days_of(raw, name)[0].cast(MICRO), None, clock=False)


def _shows_clock(series: pl.Series) -> bool:
    text = is_text(series.dtype) and bool(series.cast(pl.String).str.contains(CLOCK).any())
    return text or isinstance(series.dtype, pl.Datetime)


def _instants(raw: RawTable, name: str) -> _Moments:
    series, at = raw.frame[name], instants_of(raw, name)[0]
    wall = wall_clocks_of(series, at)
    return _Moments(f"'{name}' of {raw.label}", at, wall, clock=wall is not None or _shows_clock(series))


def _midnights(raw: RawTable, name: str) -> _Moments:
    """The midnight before each record, of its own zone where it names one."""
    days = days_of(raw, name)[0].cast(MICRO)
    if not names_zones(raw.frame[name]):
        return _Moments(f"'{name}' of {raw.label}", days, None, clock=False)
    made = _instants(raw, name)
    since = made.at if made.wall is None else days - (made.wall - made.at)
    return _Moments(made.name, since, days, clock=False)


def _comparable(made: _Moments, known: _Moments) -> tuple[pl.Series, pl.Series]:
    """Moments of records and of values on one clock; raises `DataError` where nobody can tell which."""
    if (made.wall is None) == (known.wall is None):
        return made.at, known.at
    bare = made if made.wall is None else known
    if bare.clock:
        zoned = known if made.wall is None else made
        raise DataError(
            "collect.join must compare times that all name their zones, or none of which does",
            came=f"{zoned.name} does, {bare.name} shows a time of day without a zone",
            do="Write the zone behind every time: 2020-03-05T08:00:00+09:00, or Z for UTC",
        )
    return (made.at if made.wall is None else made.wall), (known.at if known.wall is None else known.wall)


def _filled(series: pl.Series) -> pl.Series:
    """Empty cells null: blank text and NaN."""
    if series.dtype.is_float():
        return series.fill_nan(None)
    return series.set(categories(series).is_null(), None) if is_text(series.dtype) else series


def _note(name: str, origin: pl.Series, periods: pl.Series, other: RawTable, published: pl.Series) -> str:
    """How many rows had something to see, and how old it was; refuses where none had."""
    seen = len(periods) - periods.null_count()
    if not seen:
        raise DataError(
            f"{name} of {other.label} must be known before some row",
            came=f"rows lie between {_day(origin.min())} and {_day(origin.max())}, values are known from "
            f"{_day(published.min())} on",
            do="Check time, known, delay and by of collect.join",
        )
    age = (origin - periods).dt.total_days().drop_nulls().to_numpy()
    return noted(
        "notes.reading.joined",
        name=name,
        label=other.label,
        n=seen,
        of=len(origin),
        days=float(np.median(age)),
        most=int(age.max()),
    )


def _day(moment: object) -> str:
    return str(moment)[:10] if moment is not None else "no day"
