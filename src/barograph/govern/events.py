"""Events, accepted once: an id that comes again gets its first reply, or is refused if it says otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from barograph.govern.storage import Database
from barograph.govern.tables import events

__all__ = ["Accepted", "Event", "accept_events", "known_events"]

TOGETHER: Final = 500
"""Rows of one statement."""
Standing = Literal["new", "repeated", "other_content"]


@dataclass(frozen=True, slots=True)
class Event:
    """An event that was scored, and what is to be sent back."""

    id: str
    content_hash: str
    reply: str  # JSON
    model: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an event; `reply` is the one that stands, of whoever was first."""

    id: str
    standing: Standing  # "other_content": the id is taken by another event, and this one is refused
    reply: str


def known_events(database: Database, study: str, hashes: Mapping[str, str]) -> dict[str, Accepted]:
    """Which ids are known already, before anything is computed: id -> what became of it.

    Parameters
    ----------
    study : str
        Ids are of a study.
    hashes : mapping
        Id -> hash of the content that came now.
    """
    ids = list(hashes)

    def read(connection: sa.Connection) -> dict[str, Accepted]:
        found: dict[str, Accepted] = {}
        for start in range(0, len(ids), TOGETHER):
            found |= _standing(connection, study, {one: hashes[one] for one in ids[start : start + TOGETHER]})
        return found

    return database.read(read)


def accept_events(database: Database, study: str, scored: Sequence[Event]) -> list[Accepted]:
    """Keep events and their replies; when this returns they outlive the process and the machine.

    Of several with one id, here or in other processes, the first stands: send back what is returned, not what
    was computed.

    Raises
    ------
    UnavailableError
        The database is away: nothing was accepted.
    """
    at = database.clock()
    rows = [
        {"study": study, "id": one.id, "content_hash": one.content_hash, "reply": one.reply}
        | {"model": one.model, "at": at}
        for one in scored
    ]

    def write(connection: sa.Connection) -> list[Accepted]:
        fresh: set[str] = set()
        stored: dict[str, tuple[str, str]] = {}
        for start in range(0, len(rows), TOGETHER):
            part = rows[start : start + TOGETHER]
            fresh |= set(connection.scalars(_insert(connection).returning(events.c.id), part))
            stored |= _stored(connection, study, [str(row["id"]) for row in part])
        return [_judged(one, stored[one.id], fresh) for one in scored]

    return database.write(write, isolation="READ COMMITTED") if rows else []


def _insert(connection: sa.Connection) -> Any:
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    return kind.insert(events).on_conflict_do_nothing()


def _stored(connection: sa.Connection, study: str, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    wanted = (events.c.study == study) & events.c.id.in_(ids)
    rows = connection.execute(sa.select(events.c.id, events.c.content_hash, events.c.reply).where(wanted))
    return {row.id: (row.content_hash, row.reply) for row in rows}


def _standing(connection: sa.Connection, study: str, hashes: Mapping[str, str]) -> dict[str, Accepted]:
    stored = _stored(connection, study, list(hashes))
    return {
        one: Accepted(one, "repeated" if content == hashes[one] else "other_content", reply)
        for one, (content, reply) in stored.items()
    }


def _judged(event: Event, stored: tuple[str, str], fresh: set[str]) -> Accepted:
    content, reply = stored
    if content != event.content_hash:
        return Accepted(event.id, "other_content", reply)
    new = event.id in fresh
    fresh.discard(event.id)  # a second one of the same id in the same call repeats the first
    return Accepted(event.id, "new" if new else "repeated", reply)
