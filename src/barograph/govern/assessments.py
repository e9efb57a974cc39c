"""Assessments: of each study the book that was assessed last, in summary, whichever process did it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from barograph.govern.storage import Database
from barograph.govern.tables import assessments

__all__ = ["ROWS", "Assessment", "keep_assessment", "last_assessment"]

ROWS: Final = 200
"""Rows of a table of figures that are kept, at most, and lines of a list."""
SIZES: Final = ("value", "component_value_at_risk", "profit", "exposure")
"""What makes a row of figures large or small: the first of these that it has, without its sign."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was said of a book: when, to whom, by which model."""

    study: str
    at: dt.datetime  # with a zone
    actor: str
    model: str
    figures: Mapping[str, Any]  # JSON-ready, as `api.assess` gives them
    left_out: Mapping[str, int] = field(default_factory=dict)  # table of figures -> rows that are not there


def keep_assessment(database: Database, said: Assessment) -> None:
    """Keep an assessment in the place of the study's last one, in summary: `ROWS` rows of each table.

    The largest rows, largest first, where a table has more; a figure that is not finite is kept as none.

    Raises
    ------
    StorageError
        It could not be kept: see `Database.write`.
    """
    lists = {name: value for name, value in said.figures.items() if isinstance(value, list)}
    left_out = {name: len(rows) - ROWS for name, rows in lists.items() if len(rows) > ROWS}
    short = {name: _largest(lists[name]) for name in left_out}
    row = {name: getattr(said, name) for name in ("study", "at", "actor", "model")}
    row |= {"figures": _written({**said.figures, **short}), "left_out": _written(left_out)}
    database.write(lambda connection: _replace(connection, row), isolation="READ COMMITTED")


def last_assessment(database: Database, study: str) -> Assessment | None:
    """The last assessment of a study, in summary; None where none is kept."""
    wanted = sa.select(assessments).where(assessments.c.study == study)
    row = database.read(lambda connection: connection.execute(wanted).mappings().one_or_none())
    if row is None:
        return None
    read = {name: msgspec.json.decode(row[name]) for name in ("figures", "left_out")}
    return Assessment(**{**row, **read})


def _replace(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = kind.insert(assessments)
    new = {name: insert.excluded[name] for name in row if name != "study"}
    connection.execute(insert.on_conflict_do_update(index_elements=["study"], set_=new), row)


def _written(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _largest(rows: Sequence[Any]) -> list[Any]:
    if not all(isinstance(one, Mapping) for one in rows):
        return list(rows[:ROWS])  # notes, in their order
    return sorted(rows, key=_size, reverse=True)[:ROWS]


def _size(row: Mapping[str, Any]) -> float:
    value = next((row[name] for name in SIZES if name in row), None)
    return abs(value) if isinstance(value, int | float) and math.isfinite(value) else -1.0
