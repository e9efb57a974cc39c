"""Records to be scored: held against the schema of training, without labels. Nothing is guessed.

A column is read as it was in training, so that no value can mean one thing there and another here: text
that was written with a decimal comma, a percent sign or the month first must be written so again.

Where models read the last records of a stream, the rows of a request are taken as consecutive records of it,
in their order: the first ones know nothing before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.collect.raw import RawTable
from barograph.collect.records.assembly import NO_DAY, Attached, Labelled, days_before, records_of, text_array
from barograph.collect.records.blocks import last_records
from barograph.collect.records.column_types import categories, days_of, numbers_of
from barograph.collect.records.request_table import request_table
from barograph.collect.records.rows import refuse_rows
from barograph.collect.records.terms import read_terms
from barograph.collect.violation import shortened
from barograph.core.arrays import DateArray
from barograph.core.errors import DataError, nearest
from barograph.core.record_table import Records, RecordSchema


@dataclass(frozen=True, slots=True)
class RequestNotes:
    """What was done with a request beside reading it."""

    extra: tuple[str, ...] = ()  # columns that the model does not know: not looked at
    assumed: tuple[str, ...] = ()  # one sentence each, such as times read as UTC


def read_request(data: object, schema: RecordSchema) -> tuple[Records, RequestNotes]:
    """Records to be scored, and what was not looked at; every label is NaN.

    Parameters
    ----------
    data : mapping, sequence of mappings, polars or pandas frame, Arrow table, or path
        One record or many, with every column of `required`. A missing value is None, null, NaN or blank.
    schema : RecordSchema
        Of the records the model was fitted on.

    Returns
    -------
    tuple of Records and RequestNotes
        The records in the order given. A category never seen in training stays as it is.

    Raises
    ------
    DataError
        A column is missing or of another type (with count and first row), a value infinite, a day unclear.

    Examples
    --------
    >>> schema = RecordSchema(numeric=("income",), categorical=("region",))
    >>> records, notes = read_request({"income": 1200, "region": "north", "colour": "red"}, schema)
    >>> records.table.row(0), notes.extra
    ((1200.0, 'north'), ('colour',))
    """
    raw = request_table(data, required(schema))
    notes = check_columns(raw.frame.columns, schema, label=raw.label)
    return records_to_score(raw, schema), notes


def required(schema: RecordSchema) -> tuple[str, ...]:
    """Every column that a request must carry."""
    steps = [name for names in schema.sequence.values() for name in names]
    named = [*schema.numeric, *schema.categorical, *steps, *([schema.time] if schema.time else [])]
    return tuple(dict.fromkeys(named))


def check_columns(columns: Sequence[str], schema: RecordSchema, *, label: str) -> RequestNotes:
    """Refuses a request that lacks a column; says which columns the model does not know."""
    wanted = required(schema)
    missing = [name for name in wanted if name not in columns]
    known = {*wanted, schema.record_id, schema.amount, *schema.terms.values()}
    extra = tuple(name for name in columns if name not in known)
    if missing:
        hint = nearest(missing[0], extra) if extra else ""
        guess = f" ({hint[:-1]} for '{missing[0]}'?)" if hint.startswith("did you mean") else ""
        raise DataError(
            f"{label} must have the columns {', '.join(map(shortened, wanted))}",
            came=f"it lacks {', '.join(map(shortened, missing))}{guess}",
            do="Add each, those that were joined from other tables as they were known then; where a value is "
            "unknown, leave it empty",
        )
    return RequestNotes(extra)


def records_to_score(raw: RawTable, schema: RecordSchema) -> Records:
    """The records of a table that has every required column."""
    n = raw.frame.height
    time = _time(raw, schema)
    features = {name: _number(raw, name, schema, time) for name in schema.numeric}
    features |= {name: _category(raw, name) for name in schema.categorical}
    unknown, no_day = np.full(n, np.nan), np.full(n, NO_DAY)
    vintage = np.where(np.isnat(time), 0, time.astype("datetime64[Y]").astype(np.int64) + 1970)
    terms = read_terms(raw, _terms(raw, schema), schema.written)
    attached = Attached(
        record_id=_names(raw, schema),
        amount=terms.amount,
        terms=terms.terms,
        sequence=_sequence(raw, schema),
        channels=tuple(schema.sequence),
    )
    came = Labelled(time, vintage.astype(np.int64), unknown, no_day, unknown, no_day)
    return records_of(features, came, attached)


def _time(raw: RawTable, schema: RecordSchema) -> DateArray:
    if not schema.time:
        return np.full(raw.frame.height, NO_DAY)
    days, _, _ = days_of(raw, schema.time, schema.written.get(schema.time, ""))
    refuse_rows(raw, schema.time, "say when every record is made", days.is_null(), do="Fill it: YYYY-MM-DD")
    return days.to_numpy().astype("datetime64[D]")


def _number(raw: RawTable, name: str, schema: RecordSchema, time: DateArray) -> pl.Series:
    how = schema.written.get(name, "")
    if name in schema.dates:
        return days_before(days_of(raw, name, how)[0], time)
    return numbers_of(raw, name, how).values


def _category(raw: RawTable, name: str) -> pl.Series:
    dtype = raw.frame[name].dtype
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Duration, pl.Time):
        raise DataError(
            f"column '{shortened(name)}' of {raw.label} must hold categories",
            came=f"it holds values of type {dtype}",
            do="Write them as text",
        )
    return categories(raw.frame[name])


def _sequence(
    raw: RawTable, schema: RecordSchema
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None:
    if not schema.sequence:
        return None
    if schema.stream_steps:
        read = {
            channel: numbers_of(raw, name, schema.written.get(name, "")).values
            for channel, (name,) in schema.sequence.items()
        }
        return last_records(read, schema.stream_steps)
    channels = [
        np.stack(
            [
                numbers_of(raw, name, schema.written.get(name, "")).values.fill_null(np.nan).to_numpy()
                for name in names
            ],
            axis=1,
        )
        for names in schema.sequence.values()
    ]
    return np.stack(channels, axis=2)


def _terms(raw: RawTable, schema: RecordSchema) -> dict[str, str]:
    """The columns of exposure and terms that the request has; what it leaves out is unknown."""
    columns = {"amount": schema.amount, **schema.terms}
    return {part: name for part, name in columns.items() if name in raw.frame.columns}


def _names(raw: RawTable, schema: RecordSchema) -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
    """The records' own names; where there are none, their places in the table."""
    if schema.record_id and schema.record_id in raw.frame.columns:
        return text_array(categories(raw.frame[schema.record_id]))
    return text_array(raw.numbers)
