"""What came of the records of a user's table, and when it was known."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl

from barograph.collect.raw import RawTable
from barograph.collect.records.assembly import NO_DAY, Labelled, month_later
from barograph.collect.records.column_types import days_of
from barograph.collect.records.own_stream import stream_of
from barograph.collect.records.roles import Roles
from barograph.collect.records.rows import refuse_rows
from barograph.core.arrays import BoolArray, DateArray, FloatArray
from barograph.core.errors import SettingError
from barograph.core.notes import noted
from barograph.core.scoring_study import RecordsSection


def what_came(
    raw: RawTable,
    roles: Roles,
    label: FloatArray,
    time: DateArray,
    section: RecordsSection,
    *,
    loss: bool,
    today: datetime.date,
) -> tuple[Labelled, tuple[str, ...]]:
    """Label, outcome and the day each is known; of a stream, the instant. And what must be said of it."""
    if section.block_hours and roles.time:
        return stream_of(label, time, section.block_hours), ()
    bad = (label == 1) & (not loss)
    event_time = _default_days(raw, roles, time, bad, today)
    return _as_days(label, time, event_time, section.known_after, today)


def _default_days(
    raw: RawTable, roles: Roles, time: DateArray, bad: BoolArray, today: datetime.date
) -> DateArray:
    """The day of default of every record, NaT where there is none; no default without its day."""
    name = roles.default_day
    if not name:
        return np.full(raw.frame.height, NO_DAY)
    if not roles.time:
        raise SettingError(
            "collect.default_day must go with a time column",
            came="collect.time names none",
            do="Set collect.time, or leave collect.default_day out",
        )
    days = days_of(raw, name)[0]
    found: DateArray = days.to_numpy().astype("datetime64[D]")
    lacking = pl.Series(bad & np.isnat(found))
    refuse_rows(raw, name, "say the day of every default", lacking, do="Fill it, or leave the column out")
    refuse_rows(raw, name, f"not lie in the future (after {today})", days > today, do="Correct them")
    before = pl.Series(found < time)
    refuse_rows(raw, name, f"not lie before '{roles.time}' of its record", before, do="Correct them")
    return found


def _as_days(
    label: FloatArray, time: DateArray, event_time: DateArray, months: int, today: datetime.date
) -> tuple[Labelled, tuple[str, ...]]:
    """Label and outcome; a label whose observation window is still open today is not one yet."""
    n = len(label)
    label_time = month_later(time, months) if n and not np.isnat(time[0]) else np.full(n, NO_DAY)
    early = label_time > np.datetime64(today)
    known = np.where(early, np.nan, label)
    vintage = time.astype("datetime64[Y]").astype(np.int64) + 1970 if n and not np.isnat(time[0]) else None
    notes = [noted("notes.reading.young", n=int(early.sum()), months=months)]
    came = Labelled(
        time=time,
        vintage=np.zeros(n, dtype=np.int64) if vintage is None else vintage,
        label=known,
        label_time=label_time,
        outcome=label,
        event_time=event_time,
    )
    return came, tuple(notes) if early.any() else ()
