"""A user's table of records: every column in its type and part, or one clear refusal."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from barograph.collect.columns import plain
from barograph.collect.raw import RawTable
from barograph.collect.records.assembly import (
    NO_DAY,
    Attached,
    days_before,
    records_of,
    snapshot_of,
    text_array,
    window_of,
)
from barograph.collect.records.column_types import TypedColumn, categories, days_of, numbers_of, typed
from barograph.collect.records.own_outcome import what_came
from barograph.collect.records.own_stream import (
    history_of_stream,
    moments_of,
    refuse_contradictions,
    refuse_moments,
    weights_of,
)
from barograph.collect.records.roles import Roles, find_roles
from barograph.collect.records.rows import kept, refuse_rows
from barograph.collect.records.target import labelled_rows, labels_of, outcome_words
from barograph.collect.records.terms import read_terms
from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.errors import DataError, SettingError
from barograph.core.record_table import RecordSchema, RecordSnapshot, TextArray
from barograph.core.records import Assumed
from barograph.core.scoring_study import RecordsSection

OWN_DATA = "the user's own data; no terms are known to Barograph"
LEAST_ROWS = 100
NEARLY = 1.25
"""Of numbers that go up from row to row, their spread over their count, up to which they are a numbering with
rows left out."""
NUMBERING = ("id", "key", "index", "number", "nr", "no", "uuid", "row")


@dataclass(frozen=True, slots=True, eq=False)
class _Features:
    values: dict[str, pl.Series]  # Float64 or String
    dates: tuple[str, ...]
    written: dict[str, str]
    notes: tuple[str, ...]
    assumed: tuple[Assumed, ...]


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
    refuse_contradictions(section, loss=loss)
    roles = find_roles(raw, section)
    raw, left, assumed = labelled_rows(raw, roles.target, section.unlabelled)
    _enough(raw)
    streamed = bool(section.block_hours and roles.time)
    raw, time, order, notes = _in_time(raw, roles, section, today)
    label, said, means = labels_of(raw, roles.target, positive=section.positive, loss=loss)
    features = _features(raw, roles, np.full(time.size, NO_DAY) if streamed else time)
    sequence, channels, stepped = _sequence(raw, roles)
    last, columns = history_of_stream(features.values, raw, roles, section.stream_steps)
    came, unsettled = what_came(raw, roles, label, time, section, loss=loss, today=today)
    terms = read_terms(raw, {"amount": roles.amount, **roles.terms}, None)
    attached = Attached(
        record_id=_record_ids(raw, roles),
        group=_groups(raw, roles),
        amount=terms.amount,
        terms=terms.terms,
        sequence=last if columns else sequence,
        channels=tuple(columns) or channels,
        weight=weights_of(label, section.kept),
        protected={name: text_array(categories(raw.frame[name])) for name in roles.protected},
    )
    schema = _schema(features, roles, columns, section.stream_steps if columns else 0)
    how = features.written | stepped | terms.written | ({roles.time: order} if order else {})
    schema = replace(schema, time="" if streamed else roles.time, written=how)
    said_of = (*raw.notes, *roles.notes, *left, *notes, said, *unsettled, *features.notes)
    records = records_of(features.values, came, attached)
    made = snapshot_of(records, schema, section, seed=seed, licence=OWN_DATA, notes=said_of, label=raw.label)
    ordered = _order_assumed(roles, order, raw)
    assumed = (*raw.assumed, *roles.assumed, *means, *assumed, *ordered, *features.assumed)
    words = None if loss else outcome_words(raw, roles.target, label)
    return replace(made, provenance=replace(made.provenance, assumed=assumed), outcome_words=words)


def _order_assumed(roles: Roles, order: str, raw: RawTable) -> tuple[Assumed, ...]:
    """What orders the records; without a time, that they were parted at random."""
    if not roles.time:
        return (Assumed("time", "none"),)
    if order and order != raw.written.get(roles.time):
        return (Assumed("dates", order, roles.time, "collect.written"),)
    return ()


def _schema(
    features: _Features, roles: Roles, columns: dict[str, tuple[str, ...]], stream_steps: int
) -> RecordSchema:
    return RecordSchema(
        numeric=tuple(name for name, values in features.values.items() if values.dtype == pl.Float64),
        categorical=tuple(name for name, values in features.values.items() if values.dtype == pl.String),
        dates=features.dates,
        sequence=columns or roles.sequence,
        stream_steps=stream_steps,
        record_id=roles.record_id,
        amount=roles.amount,
        terms=roles.terms,
    )


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
    """The rows inside the section's window in order of time, their days (in a stream, seconds), and what was
    assumed.
    """
    since, until = window_of(section)
    if not roles.time:
        if since is not None or until is not None or section.known_after:
            raise SettingError(
                "collect.since, until and known_after must go with a time column",
                came="collect.time names none",
                do="Set collect.time, or leave them out",
            )
        return raw, np.full(raw.frame.height, NO_DAY), "", ()
    order = ""
    if section.block_hours:
        moments, notes = moments_of(raw, roles.time, today)
        days, unit = moments.dt.date(), "s"
    else:
        days, order, notes = days_of(raw, roles.time)
        moments, unit = days, "D"
        refuse_moments(raw, roles.time, days, today)
    inside = days.is_between(since or datetime.date.min, until or datetime.date.max)
    order_of = pl.DataFrame({"moment": moments, "row": pl.arange(len(days), eager=True)}).filter(inside)
    places = order_of.sort("moment", maintain_order=True)["row"]
    chosen = kept(raw, places)
    if chosen.frame.height < raw.frame.height:
        _enough(chosen)
    return chosen, moments.gather(places).to_numpy().astype(f"datetime64[{unit}]"), order, notes


def _features(raw: RawTable, roles: Roles, time: DateArray) -> _Features:
    values: dict[str, pl.Series] = {}
    dates: list[str] = []
    written: dict[str, str] = {}
    notes: list[str] = []
    assumed: list[Assumed] = []
    for name in roles.features:
        column = typed(raw, name)
        why = useless(name, column)
        if why and name not in (roles.amount, roles.terms.get("maturity")):
            notes.append(f"{name}: left out, {why}")
            assumed.append(Assumed("ignored", _kind_of(why), name, "collect.ignore"))
            continue
        notes += column.notes
        assumed += column.assumed
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
    return _Features(values, tuple(dates), written, tuple(notes), tuple(assumed))


def _kind_of(why: str) -> str:
    """A reason of `useless` as a word of cli.reading.value."""
    kinds = {"missing": "empty", "throughout": "constant", "numbers the records": "numbering"}
    return next((kind for sign, kind in kinds.items() if sign in why), "identifier")


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
        spread = high - low + 1
        counts = spread == len(filled) or (filled.is_sorted() and spread <= NEARLY * len(filled))
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
