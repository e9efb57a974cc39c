"""The outbox: a message is written in the transaction that it tells of; neither is without the other."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from barograph.govern.storage import Database
from barograph.govern.tables import outbox, receivers


def enqueue(connection: sa.Connection, database: Database, study: str, message: Mapping[str, Any]) -> int:
    """Write a message to every receiver of a study; how many there are."""
    meant = receivers.c.ended_at.is_(None) & receivers.c.study.in_(("", study))
    ids = connection.scalars(sa.select(receivers.c.id).where(meant)).all()
    at = database.clock()
    body = json.dumps(message, allow_nan=False)
    common = {"body": body, "created_at": at, "due_at": at, "tries": 0}
    rows = [{"id": uuid.uuid4().hex, "receiver": one, **common} for one in ids]
    if rows:
        connection.execute(outbox.insert(), rows)
    return len(rows)


def outbox_rows(database: Database, *, waiting: bool = True) -> list[dict[str, Any]]:
    """Messages that wait, oldest first; or all of them."""
    statement = sa.select(outbox).order_by(outbox.c.created_at, outbox.c.id)
    if waiting:
        statement = statement.where(outbox.c.sent_at.is_(None) & outbox.c.given_up_at.is_(None))
    return [dict(row) for row in database.read(lambda c: c.execute(statement).mappings().all())]
