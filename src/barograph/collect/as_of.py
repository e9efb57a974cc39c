"""Joins in time: each row sees of another table only what was known before its own moment.

A value speaks of a *period*, and is *known* from a moment on: when it was published, plus a lag. Of the
values known before a row's moment, the row sees the one of the newest period; of several vintages of that
period the one published last; of vintages published together the lower row. An empty cell is no value: it
neither replaces an older vintage nor hides an earlier period. So a late revision of an old period never
takes the place of a newer period, as the row published last would.

A value known at exactly a row's moment is not seen: days do not say which of two came first. Whoever knows
that it did says so (`same_moment`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from barograph.collect.raw import RawTable
from barograph.collect.reading import table_of
from barograph.collect.records.column_types import categories, days_of, is_text
from barograph.collect.records.instants import instants_of
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
    origin = instants_of(raw, name)[0] if instants else days_of(raw, name)[0].cast(MICRO)
    refuse_rows(raw, name, "say in every row when the record was made", origin.is_null(), do="Fill it")
    for place, one in enumerate(section.join):
        raw = _with(raw, origin, one, f"collect.join.{place}")
    return raw


def _with(raw: RawTable, origin: pl.Series, section: JoinSection, setting: str) -> RawTable:
    other = table_of(section.source)
    mine, theirs = ColumnFinder(raw), ColumnFinder(other)
    by = {mine(f"{setting}.by", own): theirs(f"{setting}.by", its) for own, its in section.by.items()}
    time = theirs(f"{setting}.time", section.time)
    known = theirs(f"{setting}.known", section.known) if section.known else time
    period, published = _moments(other, time), _moments(other, known)
    if section.delay:
        published = published.dt.offset_by(section.delay)
    columns = [theirs(f"{setting}.columns", one) for one in section.columns]
    columns = columns or [one for one in other.frame.columns if one not in {time, known, *by.values()}]
    keys = [categories(raw.frame[one]) for one in by]
    of_keys = [categories(other.frame[one]) for one in by.values()]
    frame, notes = raw.frame, []
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
    return replace(raw, frame=frame, notes=(*raw.notes, *notes))


def _moments(raw: RawTable, name: str) -> pl.Series:
    """A column of days or instants, as instants; a day counts from its midnight."""
    series = raw.frame[name]
    if isinstance(series.dtype, pl.Datetime):
        return instants_of(raw, name)[0]
    if is_text(series.dtype) and series.cast(pl.String).str.contains(CLOCK).any():
        return instants_of(raw, name)[0]
    return days_of(raw, name)[0].cast(MICRO)


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
