"""What was done about an alert, line by line."""

from __future__ import annotations

import sqlalchemy as sa

from barograph.govern.storage import Database
from barograph.govern.tables import alert_notes

NOTE = alert_notes.c


def add_note(
    connection: sa.Connection, database: Database, alert: str, kind: str, actor: str, words: str
) -> None:
    """Write the next line."""
    last = connection.scalar(sa.select(sa.func.max(NOTE.step)).where(NOTE.alert == alert)) or 0
    row = {"alert": alert, "step": last + 1, "kind": kind, "actor": actor, "words": words}
    connection.execute(alert_notes.insert(), row | {"at": database.clock()})
