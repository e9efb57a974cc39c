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
    if not _web(address) and not MAIL.fullmatch(address):
        raise SettingError(
            "a receiver must be https://HOST/PATH without a password, or mailto:NAME@HOST",
            came=f"got '{address[:100]}'",
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
    except ValueError:  # such as a bracket that is not closed
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


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


def receivers_of(database: Database) -> list[dict[str, Any]]:
    """The receivers that stand, without their secrets."""
    shown = [column for column in receivers.c if column.name != "secret"]
    statement = sa.select(*shown).where(receivers.c.ended_at.is_(None)).order_by(receivers.c.created_at)
    return [dict(row) for row in database.read(lambda c: c.execute(statement).mappings().all())]
