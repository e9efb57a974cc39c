"""Who is told of alerts: addresses of webhooks and of e-mail."""

from __future__ import annotations

import re
import uuid
from typing import Any, Final
from urllib.parse import urlsplit

import sqlalchemy as sa

from barograph.core.errors import ConflictError, SettingError
from barograph.govern.access.secrets import drawn_secret
from barograph.govern.access.users import checked_name
from barograph.govern.messages.delivery import pause_after
from barograph.govern.messages.outbox import enqueue_to
from barograph.govern.storage import Database
from barograph.govern.tables import outbox, receivers

MAIL: Final = re.compile(r"mailto:[^@\s,;<>]+@[^@\s,;<>]+")


def add_receiver(database: Database, address: str, *, by: str, study: str = "") -> tuple[str, str]:
    """Tell an address of alerts, of one study or all; its id, and the secret that webhooks are signed with.

    Raises
    ------
    SettingError
        It is neither ``https://…`` (or ``http://…``, inside one's own network) nor ``mailto:NAME@HOST``.
    """
    plain = address.isprintable() and " " not in address
    if not plain or not (_web(address) or MAIL.fullmatch(address)):
        raise SettingError(
            "a receiver must be https://HOST/PATH without a password, or mailto:NAME@HOST",
            came=f"got {address[:100]!r}",
            do="Write it so",
        )
    identity, secret = uuid.uuid4().hex[:12], drawn_secret()
    row: dict[str, Any] = {"id": identity, "address": address, "secret": secret, "study": study}
    row |= {"created_at": database.clock(), "created_by": checked_name(by)}
    database.write(lambda connection: connection.execute(receivers.insert(), row))
    return identity, secret


def _web(address: str) -> bool:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:  # such as a bracket that is not closed, or a port beyond 65,535
        return False
    return (
        parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and port != 0
    )


def end_receiver(database: Database, receiver: str) -> None:
    """Tell an address nothing any more; what waits for it is given up.

    Raises
    ------
    ConflictError
        There is none, or it has ended.
    """
    ends = sa.update(receivers).where((receivers.c.id == receiver) & receivers.c.ended_at.is_(None))
    waits = (outbox.c.receiver == receiver) & outbox.c.sent_at.is_(None) & outbox.c.given_up_at.is_(None)
    at = database.clock()

    def end(connection: sa.Connection) -> int:
        ended = connection.execute(ends.values(ended_at=at)).rowcount
        connection.execute(sa.update(outbox).where(waits).values(given_up_at=at))
        return ended

    if database.write(end) == 0:
        raise ConflictError(
            "a receiver must stand to be ended", came=f"'{receiver}' does not", do="Look at the list"
        )


def try_receiver(database: Database, receiver: str, *, by: str) -> str:
    """Write a message to one receiver that says nothing but that it comes; the message's id.

    Raises
    ------
    ConflictError
        There is no such receiver, or it has ended.
    """
    if receiver not in {one["id"] for one in receivers_of(database)}:
        raise ConflictError(
            "a receiver must stand to be tried", came=f"'{receiver}' does not", do="Look at the list"
        )
    return enqueue_to(database, receiver, {"what": "test", "owner": checked_name(by)})


def receivers_of(database: Database) -> list[dict[str, Any]]:
    """The receivers that stand, without their secrets, and how they fare.

    Besides what was set: `waiting` (messages not taken yet), `sent_at` (the last one taken) and `error` (what
    was said at the last try of those that wait).
    """
    shown = [column for column in receivers.c if column.name != "secret"]
    waits = outbox.c.sent_at.is_(None) & outbox.c.given_up_at.is_(None)
    of_it = outbox.c.receiver == receivers.c.id
    fares = (
        sa.select(sa.func.count()).where(of_it & waits).scalar_subquery().label("waiting"),
        sa.select(sa.func.max(outbox.c.sent_at)).where(of_it).scalar_subquery().label("sent_at"),
    )
    statement = sa.select(*shown, *fares).where(receivers.c.ended_at.is_(None))
    ordered = statement.order_by(receivers.c.created_at, receivers.c.id)

    def read(connection: sa.Connection) -> list[dict[str, Any]]:
        errors = _last_errors(connection)
        rows = connection.execute(ordered).mappings().all()
        return [{**row, "error": errors.get(row["id"])} for row in rows]

    return database.read(read)


def _last_errors(connection: sa.Connection) -> dict[str, str]:
    """What each receiver said at the last try of its messages that wait: each is due a known time later."""
    waits = outbox.c.sent_at.is_(None) & outbox.c.given_up_at.is_(None) & outbox.c.error.is_not(None)
    statement = sa.select(outbox.c.receiver, outbox.c.due_at, outbox.c.tries, outbox.c.error).where(waits)
    rows = connection.execute(statement.order_by(outbox.c.id)).all()
    tried = sorted(rows, key=lambda row: row.due_at - pause_after(row.tries))
    return {row.receiver: row.error for row in tried}
