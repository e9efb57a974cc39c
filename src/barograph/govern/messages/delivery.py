"""Delivery: what is due is sent, what was not taken is tried again later and later, and given up in the end.

A message is sent at least once. It may be sent twice where a process dies between the receiver's answer and
our note of it; its id is the same, so that the receiver can tell. Each message is taken from the outbox right
before it is sent, so that none waits behind a slow one while the time for which it was taken runs out.
"""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa

from barograph.govern.messages.senders import NotTakenError, Senders
from barograph.govern.storage import Database
from barograph.govern.tables import outbox, receivers

__all__ = ["Delivered", "Flight", "deliver_due", "due_receivers", "pause_after", "send_next"]

LEASE: Final = dt.timedelta(minutes=1)
"""How long nobody else tries a message that one process has taken; `Flight.extend` makes it longer."""
FIRST: Final = dt.timedelta(seconds=5)
LONGEST: Final = dt.timedelta(hours=1)
"""Between tries: doubled from the first to the longest."""
GIVEN_UP: Final = dt.timedelta(days=3)
LEAST_TRIES: Final = 10
"""A message is given up when it is as old as `GIVEN_UP` and was tried so often: days on which no service ran
do not count against its receiver."""

Outcome = Literal["sent", "failed", "given_up"]
WAITS = outbox.c.sent_at.is_(None) & outbox.c.given_up_at.is_(None)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the messages that were due."""

    sent: int
    failed: int  # to be tried again
    given_up: int


class Flight:
    """The messages that this process is sending now; as long as it lives, nobody else tries them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: set[str] = set()

    def extend(self, database: Database) -> None:
        """Hold on to them for another `LEASE`."""
        with self._lock:
            if self._ids:
                mine = WAITS & outbox.c.id.in_(sorted(self._ids))
                until = database.clock() + LEASE
                database.write(lambda c: c.execute(sa.update(outbox).where(mine).values(due_at=until)))

    def begin(self, message: str) -> None:
        """It is being sent."""
        with self._lock:
            self._ids.add(message)

    def end(self, message: str) -> None:
        """It was sent, or not."""
        with self._lock:
            self._ids.discard(message)


def due_receivers(database: Database) -> list[str]:
    """The receivers that something is due for, whoever has waited longest first."""
    due = WAITS & (outbox.c.due_at <= database.clock()) & receivers.c.ended_at.is_(None)
    statement = sa.select(outbox.c.receiver).join(receivers).where(due).group_by(outbox.c.receiver)
    ordered = statement.order_by(sa.func.min(outbox.c.created_at), outbox.c.receiver)
    return list(database.read(lambda connection: connection.scalars(ordered).all()))


def send_next(database: Database, senders: Senders, receiver: str, flight: Flight) -> Outcome | None:
    """Send a receiver the oldest message that is due for it; None where none is."""
    row = database.write(lambda connection: _taken(connection, database, receiver))
    if row is None:
        return None
    flight.begin(row.id)
    try:
        senders.send(row.address, row.secret, row.id, row.body)
    except Exception as error:  # noqa: BLE001 - whatever it is, the message waits and the others are sent
        said = str(error) if isinstance(error, NotTakenError) else f"{type(error).__name__}: {error}"
        outcome, changes = _put_off(database, row, said[:500])
    else:
        outcome, changes = "sent", {"sent_at": database.clock(), "error": None}
    finally:
        flight.end(row.id)
    mine = WAITS & (outbox.c.id == row.id)
    if outcome != "sent":
        mine &= outbox.c.tries == row.tries + 1  # nobody took it meanwhile
    update = sa.update(outbox).where(mine).values(**changes)
    database.write(lambda connection: connection.execute(update))
    return outcome


def deliver_due(database: Database, senders: Senders) -> Delivered:
    """Send what is due, once; a receiver that does not take a message is not asked again in this round."""
    counts: dict[Outcome, int] = {"sent": 0, "failed": 0, "given_up": 0}
    for receiver in due_receivers(database):
        outcome: Outcome | None = "sent"
        while outcome == "sent":
            outcome = send_next(database, senders, receiver, Flight())
            if outcome is not None:
                counts[outcome] += 1
    return Delivered(**counts)


def _taken(connection: sa.Connection, database: Database, receiver: str) -> Any:
    at = database.clock()
    due = WAITS & (outbox.c.receiver == receiver) & (outbox.c.due_at <= at)
    shown = outbox.c.id, outbox.c.body, outbox.c.tries, outbox.c.created_at
    statement = (
        sa.select(*shown, receivers.c.address, receivers.c.secret)
        .join(receivers)
        .where(due & receivers.c.ended_at.is_(None))
        .order_by(outbox.c.created_at, outbox.c.id)
        .limit(1)
    )
    row = connection.execute(statement).one_or_none()
    if row is not None:
        leased = sa.update(outbox).where(outbox.c.id == row.id)
        connection.execute(leased.values(due_at=at + LEASE, tries=outbox.c.tries + 1))
    return row


def _put_off(database: Database, row: Any, said: str) -> tuple[Outcome, dict[str, Any]]:
    at = database.clock()
    tries = row.tries + 1  # with this one
    if at - row.created_at >= GIVEN_UP and tries >= LEAST_TRIES:
        return "given_up", {"given_up_at": at, "error": said}
    return "failed", {"due_at": at + pause_after(tries), "error": said}


def pause_after(tries: int) -> dt.timedelta:
    """How long a message waits after so many tries, of which none was taken."""
    doubled: int = 2 ** min(tries - 1, 20)
    return min(LONGEST, FIRST * doubled)
