"""Delivery: what is due is sent, what was not taken is tried again later and later, and given up in the end.

A message is sent at least once. It may be sent twice where a process dies between the receiver's answer and
our note of it; its id is the same, so that the receiver can tell.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from barograph.core.errors import StorageError
from barograph.govern.background import Background
from barograph.govern.messages.senders import NotTakenError, Senders
from barograph.govern.storage import Database
from barograph.govern.tables import outbox, receivers

TOGETHER: Final = 20
"""Messages taken at once."""
LEASE: Final = dt.timedelta(minutes=5)
"""How long nobody else tries a message that one process has taken."""
FIRST: Final = dt.timedelta(seconds=5)
LONGEST: Final = dt.timedelta(hours=1)
"""Between tries: doubled from the first to the longest."""
GIVEN_UP: Final = dt.timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the messages that were due."""

    sent: int
    failed: int  # to be tried again
    given_up: int


def deliver_due(database: Database, senders: Senders) -> Delivered:
    """Send what is due, once; several processes may do so side by side."""
    counts = {"sent": 0, "failed": 0, "given_up": 0}
    for row in database.write(lambda connection: _taken(connection, database)):
        try:
            senders.send(row.address, row.secret, row.id, row.body)
        except NotTakenError as error:
            outcome, changes = _put_off(database, row, str(error)[:500])
        else:
            outcome, changes = "sent", {"sent_at": database.clock(), "error": None}
        _note(database, row, changes)
        counts[outcome] += 1
    return Delivered(**counts)


def _note(database: Database, row: Any, changes: dict[str, Any]) -> None:
    update = sa.update(outbox).where(outbox.c.id == row.id).values(**changes)
    database.write(lambda connection: connection.execute(update))


def _taken(connection: sa.Connection, database: Database) -> list[Any]:
    at = database.clock()
    due = outbox.c.sent_at.is_(None) & outbox.c.given_up_at.is_(None) & (outbox.c.due_at <= at)
    shown = outbox.c.id, outbox.c.body, outbox.c.tries, outbox.c.created_at
    statement = (
        sa.select(*shown, receivers.c.address, receivers.c.secret)
        .join(receivers)
        .where(due & receivers.c.ended_at.is_(None))
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(TOGETHER)
    )
    rows = list(connection.execute(statement))
    leased = sa.update(outbox).where(outbox.c.id.in_([row.id for row in rows]))
    connection.execute(leased.values(due_at=at + LEASE, tries=outbox.c.tries + 1))
    return rows


def _put_off(database: Database, row: Any, said: str) -> tuple[str, dict[str, Any]]:
    at = database.clock()
    if at - row.created_at >= GIVEN_UP:
        return "given_up", {"given_up_at": at, "error": said}
    pause = min(LONGEST, FIRST * 2 ** min(row.tries, 20))
    return "failed", {"due_at": at + pause, "error": said}


class Courier(Background):
    """Delivers in the background as long as the block lasts; `error` is why it last could not, or None."""

    def __init__(self, database: Database, senders: Senders, *, every: float = 2.0) -> None:
        super().__init__("courier")
        self.error: StorageError | None = None
        self._database, self._senders, self._every = database, senders, every

    def _round(self) -> float:
        try:
            done = deliver_due(self._database, self._senders)
            self.error = None
        except StorageError as error:
            done, self.error = Delivered(0, 0, 0), error
        return self._every if done.sent + done.failed < TOGETHER else 0.0
