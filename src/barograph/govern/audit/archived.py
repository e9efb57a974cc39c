"""Which files of a chain were moved away, as the database was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from barograph.govern.storage import Database
from barograph.govern.tables import audit_archives

ROW = audit_archives.c


@dataclass(frozen=True, slots=True)
class Archived:
    """One file that was moved away whole: its place in the chain, its records, the hash of the last."""

    chain: str
    part: int
    first: int
    last: int
    hash: str


def archived_of(database: Database) -> dict[str, dict[int, Archived]]:
    """All files that were moved away: chain -> number of the file -> what it held."""
    statement = sa.select(ROW.chain, ROW.part, ROW.first, ROW.last, ROW.hash)
    rows = database.read(lambda connection: connection.execute(statement).all())
    found: dict[str, dict[int, Archived]] = {}
    for row in rows:
        found.setdefault(row.chain, {})[row.part] = Archived(*row)
    return found


def before(archived: Mapping[int, Archived], part: int) -> Archived | None:
    """The file before a part, where all before it were moved away, one after the other from the first."""
    expected = 1
    for number in range(1, part):
        one = archived.get(number)
        if one is None or one.first != expected:
            return None
        expected = one.last + 1
    return archived.get(part - 1)
