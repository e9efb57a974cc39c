"""A user's table that is a stream: instants instead of days, blocks of hours, the records before each."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import numpy as np
import polars as pl

from barograph.collect.raw import RawTable
from barograph.collect.records.assembly import Labelled
from barograph.collect.records.blocks import blocks_of_hours, last_records
from barograph.collect.records.column_types import is_text, numbers_of
from barograph.collect.records.instants import NUMBER, instants_of
from barograph.collect.records.number_text import number_words
from barograph.collect.records.roles import Roles
from barograph.collect.records.rows import refuse_rows
from barograph.core.arrays import DateArray, FloatArray
from barograph.core.errors import SettingError
from barograph.core.notes import noted
from barograph.core.scoring_study import RecordsSection

WHEN, FILL = "say in every row when the record was made", "Fill it, or remove the rows"
EARLIEST_EPOCH = 946_684_800
"""Seconds since 1970 of the year 2000: smaller numbers are seconds since the stream began."""


def refuse_contradictions(section: RecordsSection, *, loss: bool) -> None:
    """`SettingError` where settings of a stream lack what they go with, or meet what they exclude."""
    if loss and section.kept < 1.0:
        raise SettingError(
            "collect.kept must be 1 in a study of losses: it speaks of good records",
            came=f"it is {section.kept:g}",
            do="Leave it out",
        )
    if section.stream and not (section.block_hours and section.time):
        raise SettingError(
            "collect.stream must go with collect.block_hours and a time column, which say what came before",
            came=f"collect.block_hours is {section.block_hours}, collect.time names {section.time or 'none'}",
            do="Set both, or leave collect.stream out",
        )
    if section.stream and section.sequence:
        raise SettingError(
            "a table must have one history: collect.stream or collect.sequence",
            came="both are set",
            do="Leave one of them out",
        )
    if section.block_hours and (section.known_after or section.default_day):
        raise SettingError(
            "collect.known_after and collect.default_day must go with days",
            came=f"collect.block_hours is {section.block_hours}: the table is a stream of instants",
            do="Leave them out, or set collect.block_hours to 0",
        )


def refuse_moments(raw: RawTable, name: str, days: pl.Series, today: datetime.date) -> None:
    """`DataError` where a row does not say when its record was made, or names a day in the future."""
    refuse_rows(raw, name, WHEN, days.is_null(), do=FILL)
    refuse_rows(raw, name, f"not lie in the future (after {today})", days > today, do="Correct them")


def moments_of(raw: RawTable, name: str, today: datetime.date) -> tuple[pl.Series, tuple[str, ...]]:
    """A time column of a stream as instants (Datetime, whole seconds), and what was assumed.

    Seconds since the stream began are counted from the midnight of 1970-01-01.

    Raises
    ------
    DataError
        A row has no time, a negative number of seconds, or an instant in the future.
    """
    numbers = _seconds(raw, name)
    if numbers is not None:
        refuse_rows(raw, name, WHEN, numbers.is_null(), do=FILL)
        refuse_rows(raw, name, "count seconds from 0 upwards", numbers < 0, do="Correct them")
        return _moments(numbers), (noted("notes.reading.stream_seconds", name=name),)
    instants, notes = instants_of(raw, name)
    refuse_moments(raw, name, instants.dt.date(), today)
    return _moments(instants.cast(pl.Int64) // 1_000_000), notes


def _moments(seconds: pl.Series) -> pl.Series:
    return (seconds.floor().cast(pl.Int64) * 1_000_000).cast(pl.Datetime("us"))


def _seconds(raw: RawTable, name: str) -> pl.Series | None:
    """Numbers too small to be seconds since 1970; None where the column holds something else."""
    series = raw.frame[name]
    if is_text(series.dtype):
        filled = number_words(series).drop_nulls()
        if not len(filled) or not filled.str.contains(NUMBER).all():
            return None
    elif not series.dtype.is_numeric():
        return None
    values = numbers_of(raw, name).values
    small = bool((values < EARLIEST_EPOCH).all())
    return values if small else None


def stream_of(label: FloatArray, time: DateArray, hours: int) -> Labelled:
    """What came of the records of a stream: each label is known with its record."""
    never = np.full(label.size, np.datetime64("NaT", "D"))
    return Labelled(time, blocks_of_hours(time, hours), label, time, label, never)


def weights_of(label: FloatArray, kept: float) -> FloatArray | None:
    """How many records each stands for where only a share of the good ones was kept; None where all were."""
    return None if kept == 1.0 else np.where(label == 1.0, 1.0, 1.0 / kept)


def history_of_stream(
    features: Mapping[str, pl.Series], raw: RawTable, roles: Roles, steps: int
) -> tuple[FloatArray | None, dict[str, tuple[str, ...]]]:
    """The last values of the columns that `collect.stream` names, [n, steps, channels], and their columns."""
    if not roles.stream or not steps:
        return None, {}
    for name in roles.stream:
        found: pl.Series | None = features.get(name)
        if found is None or found.dtype != pl.Float64:
            raise SettingError(
                "collect.stream must name features that are numbers",
                came=f"'{name}' of {raw.label} is none",
                do="Leave it out of collect.stream",
            )
    read = {name: features[name] for name in roles.stream}
    return last_records(read, steps), {name: (name,) for name in read}
