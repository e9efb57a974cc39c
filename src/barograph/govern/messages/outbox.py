"""The outbox: a message is written in the transaction that it tells of; neither is without the other."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from barograph.govern.storage import Database, page_of
from barograph.govern.tables import outbox, receivers


def enqueue(
    connection: sa.Connection, database: Database, study: str, message: Mapping[str, Any], *, once: str = ""
) -> int:
    """Write a message to every receiver of a study; how many there are that had not got it.

    Parameters
    ----------
    once : str
        What it is about, where it must be told once: a second message of this name to the same receiver is
        not written, as long as the first is kept.
    """
    meant = receivers.c.ended_at.is_(None) & receivers.c.study.in_(("", study))
    ids = connection.scalars(sa.select(receivers.c.id).where(meant)).all()
    rows = [_row(database, one, message, once) for one in ids]
    if not rows:
        return 0
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = kind.insert(outbox).on_conflict_do_nothing().returning(outbox.c.id)
    return len(connection.scalars(statement, rows).all())


def enqueue_to(database: Database, receiver: str, message: Mapping[str, Any]) -> str:
    """Write a message to one receiver; its id."""
    row = _row(database, receiver, message, "")
    database.write(lambda connection: connection.execute(outbox.insert(), row))
    return str(row["id"])


def outbox_rows(
    database: Database,
    *,
    waiting: bool = True,
    receiver: str | None = None,
    most: int = 1_000,
    after: str = "",
) -> list[dict[str, Any]]:
    """Messages that wait, oldest first; or all of them, newest first; `after` one, those that follow it."""
    statement = sa.select(outbox)
    if waiting:
        statement = statement.where(outbox.c.sent_at.is_(None) & outbox.c.given_up_at.is_(None))
    if receiver is not None:
        statement = statement.where(outbox.c.receiver == receiver)
    by = (outbox.c.created_at, not waiting), (outbox.c.id, False)
    return [dict(row) for row in page_of(database, statement, by, outbox.c.id, most=most, after=after)]


def _row(database: Database, receiver: str, message: Mapping[str, Any], once: str) -> dict[str, Any]:
    at = database.clock()
    identity = uuid.uuid4().hex
    if once:
        identity = hashlib.sha256(f"{receiver} {once}".encode()).hexdigest()[:32]
    body = json.dumps(message, allow_nan=False)
    return {"id": identity, "receiver": receiver, "body": body, "created_at": at, "due_at": at, "tries": 0}
