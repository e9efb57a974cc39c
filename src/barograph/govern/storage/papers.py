"""Tables on their way out: written as Parquet, or forgotten when their rows are old enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl
import sqlalchemy as sa

from barograph.core.errors import SettingError, unknown
from barograph.core.writing import write_parts
from barograph.govern.storage.database import Database
from barograph.govern.tables.common import AGE, DONE, METADATA, Instant

ROWS: Final = 20_000
"""Rows held at a time."""
SECRET: Final = {"password", "secret_hash", "id_hash", "secret"}
"""Columns that no export shows."""
LONGEST: Final = 36_500
"""Days that rows can be kept for: a century, which no clock goes back beyond."""


def export(database: Database, table: str, path: Path | str) -> int:
    """Write a table as Parquet (or CSV, by the ending), part by part; how many rows were written.

    Hashes of secrets are left out. Instants are in UTC.

    Raises
    ------
    SettingError
        There is no such table.
    StorageError
        The file cannot be written, or the database cannot be read.
    """
    found = _table(table)
    shown = [column for column in found.columns if column.name not in SECRET]
    statement = sa.select(*shown).order_by(*found.primary_key.columns)

    def write(connection: sa.Connection) -> int:
        rows = connection.execution_options(stream_results=True, max_row_buffer=ROWS).execute(statement)
        return write_parts(_frames(shown, rows.partitions(ROWS)), Path(path))

    return database.read(write)


def forget(database: Database, table: str, *, days: int) -> int:
    """Delete the rows of a table that are older than some days; how many were.

    Messages that still wait to be taken stay, however old.

    Raises
    ------
    SettingError
        The table is one that is kept for ever (history, anchors of the audit log), or `days` is not from 1
        to `LONGEST`.
    """
    check_keep({table: days})
    found = METADATA.tables[table]
    age = found.columns[found.info[AGE]]
    oldest = database.clock() - dt.timedelta(days=days)
    old = age < (oldest.date() if isinstance(age.type, sa.Date) else oldest)
    if DONE in found.info:
        old &= sa.or_(*(found.columns[name].is_not(None) for name in found.info[DONE]))
    statement = sa.delete(found).where(old)
    return database.write(lambda connection: int(connection.execute(statement).rowcount))


def check_keep(keep: Mapping[str, int]) -> None:
    """Refuse what `forget` would: a table that is not there or is kept for ever, and days below 1 or beyond
    `LONGEST`.
    """
    for table, days in keep.items():
        if AGE not in _table(table).info:
            raise SettingError(
                "only a table whose rows may go can forget them",
                came=f"'{table}' is kept for ever",
                do=f"Choose one of {', '.join(forgettable())}",
            )
        if not 1 <= days <= LONGEST:
            raise SettingError(
                f"rows must be kept for 1 to {LONGEST:,} days",
                came=f"got {days:,}",
                do="Give other days, or name no days to keep them for ever",
            )


def tables() -> list[str]:
    """All tables."""
    return sorted(METADATA.tables)


def forgettable() -> list[str]:
    """The tables whose rows may go."""
    return sorted(name for name, one in METADATA.tables.items() if AGE in one.info)


def _table(name: str) -> sa.Table:
    if name not in METADATA.tables:
        raise unknown("a table", name, sorted(METADATA.tables))
    return METADATA.tables[name]


def _frames(
    columns: Sequence[sa.Column[Any]], parts: Iterator[Sequence[sa.Row[Any]]]
) -> Iterator[pl.DataFrame]:
    schema = {column.name: _kind(column) for column in columns}
    found = False
    for part in parts:
        found = True
        yield pl.DataFrame([tuple(row) for row in part], schema=schema, orient="row")
    if not found:
        yield pl.DataFrame(schema=schema)


def _kind(column: sa.Column[Any]) -> pl.DataType:
    for kind, polars in KINDS:
        if isinstance(column.type, kind):
            return polars
    raise TypeError(f"no column of Parquet for {column.type!r} of {column.name}")  # our own bug


KINDS: Final[tuple[tuple[type[Any], pl.DataType], ...]] = (
    (Instant, pl.Datetime("us", "UTC")),
    (sa.Date, pl.Date()),
    (sa.Boolean, pl.Boolean()),
    (sa.Integer, pl.Int64()),
    (sa.Float, pl.Float64()),
    (sa.Text, pl.String()),
)
