"""A user's table of records: every column in its type and part, or one clear refusal."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.collect.columns import plain
from barograph.collect.raw import RawTable
from barograph.collect.records.assembly import (
    NO_DAY,
    Attached,
    Labelled,
    days_before,
    month_later,
    records_of,
    snapshot_of,
    text_array,
    window_of,
)
from barograph.collect.records.column_types import TypedColumn, categories, days_of, numbers_of, typed
from barograph.collect.records.roles import Roles, find_roles
from barograph.collect.records.rows import kept, refuse_rows
from barograph.collect.records.target import labels_of
from barograph.collect.records.terms import read_terms
from barograph.core.arrays import BoolArray, DateArray, FloatArray, IntArray
from barograph.core.errors import DataError, SettingError
from barograph.core.record_table import RecordSchema, RecordSnapshot, TextArray
from barograph.core.scoring_study import RecordsSection

OWN_DATA = "the user's own data; no terms are known to Barograph"
LEAST_ROWS = 100
NUMBERING = ("id", "key", "index", "number", "nr", "no", "uuid", "row")


@dataclass(frozen=True, slots=True, eq=False)
class _Features:
    values: dict[str, pl.Series]  # Float64 or String
    dates: tuple[str, ...]
    written: dict[str, str]
    notes: tuple[str, ...]


def own_records(
    raw: RawTable, section: RecordsSection, *, loss: bool, seed: int, today: datetime.date
) -> RecordSnapshot:
    """The records of a user's table.

    Parameters
    ----------
    raw : RawTable
        As read.
    section : RecordsSection
        Which column plays which part.
    loss : bool
        Whether the target is a loss given default instead of a class.
    seed : int
        Of the draw, where the section wants a share only.
    today : datetime.date
        The clock: no record is made later.

    Raises
    ------
    DataError
        The table, a column or a row is not usable; the message names count and first row.
    SettingError
        The section does not fit the table.
    """
    roles = find_roles(raw, section)
    _enough(raw)
    raw, time, order, notes = _in_time(raw, roles, section, today)
    label, said = labels_of(raw, roles.target, positive=section.positive, loss=loss)
    bad = (label == 1) & (not loss)
    event_time = _default_days(raw, roles, time, bad, today)
    features = _features(raw, roles, time)
    sequence, channels, stepped = _sequence(raw, roles)
    came, unsettled = _what_came(label, time, event_time, section.known_after, today)
    terms = read_terms(raw, {"amount": roles.amount, **roles.terms}, None)
    attached = Attached(
        record_id=_record_ids(raw, roles),
        group=_groups(raw, roles),
        amount=terms.amount,
        terms=terms.terms,
        sequence=sequence,
        channels=channels,
        protected={name: text_array(categories(raw.frame[name])) for name in roles.protected},
    )
    schema = RecordSchema(
        numeric=tuple(name for name, values in features.values.items() if values.dtype == pl.Float64),
        categorical=tuple(name for name, values in features.values.items() if values.dtype == pl.String),
        dates=features.dates,
        sequence=roles.sequence,
        time=roles.time,
        record_id=roles.record_id,
        amount=roles.amount,
        terms=roles.terms,
        written=features.written | stepped | terms.written | ({roles.time: order} if order else {}),
    )
    said_of = (*raw.notes, *roles.notes, *notes, said, *unsettled, *features.notes)
    records = records_of(features.values, came, attached)
    return snapshot_of(records, schema, section, seed=seed, licence=OWN_DATA, notes=said_of, label=raw.label)


def _enough(raw: RawTable) -> None:
    if raw.frame.height < LEAST_ROWS:
        raise DataError(
            f"{raw.label} must hold at least {LEAST_ROWS} records",
            came=f"it holds {raw.frame.height:,}",
            do="Give more records: a model fitted on fewer, and its tests, would say nothing",
        )


def _in_time(
    raw: RawTable, roles: Roles, section: RecordsSection, today: datetime.date
) -> tuple[RawTable, DateArray, str, tuple[str, ...]]:
    """The rows inside the section's window in order of time, their days, and what was assumed."""
    since, until = window_of(section)
    if not roles.time:
        if since is not None or until is not None or section.known_after:
            raise SettingError(
                "collect.since, until and known_after must go with a time column",
                came="collect.time names none",
                do="Set collect.time, or leave them out",
            )
        return raw, np.full(raw.frame.height, NO_DAY), "", ()
    days, order, notes = days_of(raw, roles.time)
    do = "Fill it, or remove the rows"
    refuse_rows(raw, roles.time, "say in every row when the record was made", days.is_null(), do=do)
    refuse_rows(raw, roles.time, f"not lie in the future (after {today})", days > today, do="Correct them")
    inside = days.is_between(since or datetime.date.min, until or datetime.date.max)
    order_of = pl.DataFrame({"day": days, "row": pl.arange(len(days), eager=True)}).filter(inside)
    places = order_of.sort("day", maintain_order=True)["row"]
    chosen = kept(raw, places)
    if chosen.frame.height < raw.frame.height:
        _enough(chosen)
    return chosen, days.gather(places).to_numpy().astype("datetime64[D]"), order, notes


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


def _what_came(
    label: FloatArray, time: DateArray, event_time: DateArray, months: int, today: datetime.date
) -> tuple[Labelled, tuple[str, ...]]:
    """Label and outcome; a label whose observation window is still open today is not one yet."""
    n = len(label)
    label_time = month_later(time, months) if n and not np.isnat(time[0]) else np.full(n, NO_DAY)
    early = label_time > np.datetime64(today)
    known = np.where(early, np.nan, label)
    vintage = time.astype("datetime64[Y]").astype(np.int64) + 1970 if n and not np.isnat(time[0]) else None
    notes = [f"{int(early.sum()):,} records are younger than {months} months: their label is not known yet"]
    came = Labelled(
        time=time,
        vintage=np.zeros(n, dtype=np.int64) if vintage is None else vintage,
        label=known,
        label_time=label_time,
        outcome=label,
        event_time=event_time,
    )
    return came, tuple(notes) if early.any() else ()


def _features(raw: RawTable, roles: Roles, time: DateArray) -> _Features:
    values: dict[str, pl.Series] = {}
    dates: list[str] = []
    written: dict[str, str] = {}
    notes: list[str] = []
    for name in roles.features:
        column = typed(raw, name)
        why = useless(name, column)
        if why and name not in (roles.amount, roles.terms.get("maturity")):
            notes.append(f"{name}: left out, {why}")
            continue
        notes += column.notes
        written |= {name: column.how} if column.how else {}
        if column.kind == "date":
            dates.append(name)
            notes += later_dates(name, column, time)
        values[name] = days_before(column.values, time) if column.kind == "date" else column.values
    if not values:
        raise DataError(
            f"{raw.label} must hold at least one feature",
            came="; ".join(notes) or "it has no column but those with a part of their own",
            do="Give columns known when a record was made",
        )
    return _Features(values, tuple(dates), written, tuple(notes))


def useless(name: str, column: TypedColumn) -> str:
    """Why a column can tell nothing, "" if it can."""
    filled = column.values.drop_nulls()
    distinct = filled.n_unique()
    if distinct == 0:
        return "all its values are missing"
    if distinct == 1 and len(filled) == len(column.values):
        return f"it is '{filled[0]}' throughout"
    if distinct < len(filled) or len(filled) < LEAST_ROWS:
        return ""
    if column.kind == "categorical":
        return "every record has a text of its own"
    if column.kind == "numeric" and bool((filled == filled.floor()).all()):
        low, high = float(filled.to_numpy().min()), float(filled.to_numpy().max())
        counts = high - low + 1 == len(filled)
        if counts or plain(name).split()[-1:] in [[word] for word in NUMBERING]:
            return "it numbers the records"
    return ""


def later_dates(name: str, column: TypedColumn, time: DateArray) -> Sequence[str]:
    """A warning for dates that may not have been known when the record was made."""
    later = int((column.values.to_numpy().astype("datetime64[D]") > time).sum())
    if not later:
        return ()
    return (f"{name}: {later:,} of its dates lie after the record's own: were they known by then?",)


def _sequence(raw: RawTable, roles: Roles) -> tuple[FloatArray | None, tuple[str, ...], dict[str, str]]:
    """The histories [n, steps, channels], oldest step first, and how their text is written."""
    channels = tuple(roles.sequence)
    if not channels:
        return None, (), {}
    read = {name: numbers_of(raw, name) for names in roles.sequence.values() for name in names}
    stacked = [
        np.stack([read[name].values.fill_null(np.nan).to_numpy() for name in names], axis=1)
        for names in roles.sequence.values()
    ]
    return np.stack(stacked, axis=2), channels, {name: one.how for name, one in read.items() if one.how}


def _record_ids(raw: RawTable, roles: Roles) -> TextArray:
    if not roles.record_id:
        return np.array([str(number) for number in raw.numbers], dtype=object)
    names = categories(raw.frame[roles.record_id])
    refuse_rows(raw, roles.record_id, "name every record", names.is_null(), do="Fill it, or remove the rows")
    again = ~names.is_first_distinct()
    refuse_rows(raw, roles.record_id, "name each record once", again, do="Remove or rename the repeated ones")
    return text_array(names)


def _groups(raw: RawTable, roles: Roles) -> IntArray | None:
    if not roles.entity:
        return None
    names = categories(raw.frame[roles.entity])
    refuse_rows(raw, roles.entity, "name the customer of every record", names.is_null(), do="Fill it")
    return names.rank("dense").to_numpy().astype(np.int64) - 1
