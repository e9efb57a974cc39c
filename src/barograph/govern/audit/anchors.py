"""Anchors: the head of a chain, told to the database, where the one who changes files does not reach."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from barograph.core.errors import StorageError
from barograph.govern.storage import Database
from barograph.govern.tables import audit_heads

HEAD = audit_heads.c


def write_anchor(database: Database, chain: str, sequence: int, digest: str) -> None:
    """Write the head of a chain down; it must lie ahead of the last, or be the last once more.

    It is the last where the database took it and the answer was lost.

    Raises
    ------
    StorageError
        It does not: the journal lost lines that were anchored. Or the database is away, or full.
    """
    row = {"chain": chain, "sequence": sequence, "hash": digest, "at": database.clock()}
    try:
        database.write(
            lambda connection: connection.execute(audit_heads.insert(), row), isolation="READ COMMITTED"
        )
    except sa.exc.IntegrityError as error:
        if last_anchor(database, chain) == (sequence, digest):
            return
        raise behind(chain, sequence, str(error.orig).splitlines()[0]) from error


def last_anchor(database: Database, chain: str) -> tuple[int, str] | None:
    """Number and hash of the newest anchor of a chain; None before the first."""
    statement = sa.select(HEAD.sequence, HEAD.hash).where(HEAD.chain == chain)
    newest = statement.order_by(HEAD.sequence.desc()).limit(1)
    row = database.read(lambda connection: connection.execute(newest).one_or_none())
    return None if row is None else (int(row.sequence), str(row.hash))


def anchors_of(database: Database) -> dict[str, dict[int, str]]:
    """All anchors: chain -> number -> hash."""

    def read(connection: sa.Connection) -> dict[str, dict[int, str]]:
        found: dict[str, dict[int, str]] = {}
        for chain, sequence, digest in _rows(connection):
            found.setdefault(chain, {})[sequence] = digest
        return found

    return database.read(read)


def _rows(connection: sa.Connection) -> Iterator[tuple[str, int, str]]:
    streamed = connection.execution_options(stream_results=True, max_row_buffer=10_000)
    for row in streamed.execute(sa.select(HEAD.chain, HEAD.sequence, HEAD.hash)):
        yield row.chain, row.sequence, row.hash


def behind(chain: str, sequence: int, came: str) -> StorageError:
    """The error for a journal that lost what was anchored."""
    return StorageError(
        f"the journal '{chain}' must hold all that was anchored of it",
        came=f"it ends at line {sequence:,} ({came})",
        do="Run `barograph audit verify`, and start under another worker's name",
    )
