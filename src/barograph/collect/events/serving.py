"""Events to be scored, from a table without labels, held against the columns of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.events.amounts import hundredths
from barograph.collect.raw import RawTable
from barograph.collect.records.column_types import categories, numbers_of
from barograph.collect.records.instants import instants_of
from barograph.collect.records.request_table import request_table
from barograph.collect.records.rows import refuse_rows
from barograph.collect.records.serving import RequestNotes
from barograph.collect.violation import shortened
from barograph.core.errors import DataError
from barograph.core.event_columns import EventColumns

FILL = "Fill it, or remove the rows"
GIVEN = "given_"
"""Before the name of a further column that a feature is called like (see `engines.scoring.event_records`)."""


def read_events(
    data: object, columns: EventColumns, *, numeric: Sequence[str], categorical: Sequence[str]
) -> tuple[list[dict[str, Any]], RequestNotes]:
    """Events of a request, one mapping each, and what was not looked at.

    Parameters
    ----------
    data : mapping, sequence of mappings, polars or pandas frame, Arrow table, or path
    columns : EventColumns
        As the table of training called them.
    numeric, categorical : sequence of str
        Further columns that the model reads.

    Returns
    -------
    tuple of list of dict and RequestNotes
        `event_id`, `time` (whole microseconds UTC), `actor`, `counterparty` ("" for none), `amount` and the
        further columns by the model's names (None where missing), in the order of the table.

    Raises
    ------
    DataError
        A column is missing or of another type, or says nothing in a row where it must (with count and first
        row). Whether times and amounts are within their limits is not looked at here.
    """
    named = {part: name for part, name in asdict(columns).items() if name}
    raw = request_table(data, tuple(named.values()))
    further = {name: _source(raw, name) for name in (*numeric, *categorical)}
    known = [*named.values(), *further.values()]
    _refuse_missing(raw, [name for part, name in named.items() if part != "event_id"], further.values())
    values, assumed = _parts(raw, named)
    for name, source in further.items():
        read = numbers_of(raw, source).values if name in numeric else categories(raw.frame[source])
        values[name] = read.to_list()
    rows = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    return rows, RequestNotes(tuple(name for name in raw.frame.columns if name not in known), assumed)


def _source(raw: RawTable, name: str) -> str:
    """The table's name of one of the model's further columns."""
    return name if name in raw.frame.columns else name.removeprefix(GIVEN)


def _refuse_missing(raw: RawTable, *wanted: Any) -> None:
    names = [name for some in wanted for name in some]
    missing = [name for name in names if name not in raw.frame.columns]
    if missing:
        raise DataError(
            f"{raw.label} must have the columns {', '.join(map(shortened, names))}",
            came=f"it lacks {', '.join(map(shortened, missing))}",
            do="Add each; where a value is unknown, leave it empty",
        )


def _parts(raw: RawTable, named: dict[str, str]) -> tuple[dict[str, list[Any]], tuple[str, ...]]:
    """Who paid whom, when and how much, rows numbered where nothing names them; and what was assumed."""
    instants, assumed = instants_of(raw, named["time"])
    refuse_rows(raw, named["time"], "say in every row when it happened", instants.is_null(), do=FILL)
    read = numbers_of(raw, named["amount"])
    amounts = read.values
    refuse_rows(raw, named["amount"], "say in every row how much was paid", amounts.is_null(), do=FILL)
    actors = categories(raw.frame[named["actor"]])
    refuse_rows(raw, named["actor"], "say in every row who paid", actors.is_null(), do=FILL)
    others = (
        categories(raw.frame[named["counterparty"]]).fill_null("")
        if "counterparty" in named
        else pl.Series([""] * len(actors))
    )
    has_ids = named.get("event_id", "") in raw.frame.columns
    ids = categories(raw.frame[named["event_id"]]) if has_ids else raw.numbers.cast(pl.String)
    if has_ids:
        refuse_rows(raw, named["event_id"], "name every event", ids.is_null(), do=FILL)
    time = instants.to_numpy().astype("datetime64[us]").astype(np.int64)
    values = {
        "event_id": ids.to_list(),
        "time": time.tolist(),
        "actor": actors.to_list(),
        "counterparty": others.to_list(),
        "amount": hundredths(amounts.to_numpy()).tolist(),
    }
    return values, (*assumed, *read.notes)
