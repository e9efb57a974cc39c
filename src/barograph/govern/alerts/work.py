"""Working on alerts: the queue, who sees to one, what is said, what it turned out to be."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from barograph.core.errors import ConflictError, SettingError, unknown
from barograph.govern.access.users import checked_name
from barograph.govern.alerts.notes import NOTE, add_note
from barograph.govern.alerts.records import AlertNote, AlertRecord
from barograph.govern.outcomes import Outcome, write_outcome
from barograph.govern.storage import Database
from barograph.govern.tables import alert_notes, alerts
from barograph.govern.tables.alerts import DISPOSITIONS

LABELS: Final = {"fraud": 1.0, "false_alarm": 0.0}
"""Dispositions that say what the scored event was."""


def alert_queue(
    database: Database,
    *,
    study: str | None = None,
    assignee: str | None = None,
    closed: bool = False,
    most: int = 1_000,
) -> list[AlertRecord]:
    """Open alerts, hard ones first, then the longest open; with `closed` the closed ones, newest first."""
    hard_first = sa.case((alerts.c.severity == "hard", 0), else_=1)
    order = (alerts.c.closed_at.desc(),) if closed else (hard_first, alerts.c.opened_at)
    statement = sa.select(alerts).order_by(*order, alerts.c.id).limit(most)
    statement = statement.where(alerts.c.closed_at.is_not(None) if closed else alerts.c.closed_at.is_(None))
    if study is not None:
        statement = statement.where(alerts.c.study == study)
    if assignee is not None:
        statement = statement.where(alerts.c.assignee == assignee)
    rows = database.read(lambda connection: connection.execute(statement).mappings().all())
    return [AlertRecord(**row) for row in rows]


def assign_alert(database: Database, alert: str, *, to: str, by: str) -> AlertRecord:
    """Say who sees to an alert.

    Raises
    ------
    ConflictError
        It is closed, or there is none.
    """
    return _changed(database, alert, "assigned", checked_name(by), checked_name(to), {"assignee": to})


def comment_alert(database: Database, alert: str, *, words: str, by: str) -> AlertRecord:
    """Say something about an open alert."""
    if not words.strip():
        raise SettingError("a comment must say something", came="got nothing", do="Write it")
    return _changed(database, alert, "comment", checked_name(by), words.strip(), {})


def close_alert(database: Database, alert: str, *, disposition: str, by: str, words: str = "") -> AlertRecord:
    """Close an alert with what it turned out to be.

    Of an alert about an event, "fraud" and "false_alarm" become the event's label, in the same transaction.

    Raises
    ------
    SettingError
        The disposition is not known.
    ConflictError
        It is closed already, or there is none.
    """
    if disposition not in DISPOSITIONS:
        raise unknown("a disposition", disposition, DISPOSITIONS)
    actor = checked_name(by)
    changes = {"disposition": disposition, "closed_at": database.clock(), "closed_by": actor}
    return _changed(database, alert, "closed", actor, words.strip() or disposition, changes)


def notes_of(database: Database, alert: str) -> list[AlertNote]:
    """What was done about an alert, first to last."""
    statement = sa.select(alert_notes).where(NOTE.alert == alert).order_by(NOTE.step)
    return [AlertNote(**row) for row in database.read(lambda c: c.execute(statement).mappings().all())]


def _changed(
    database: Database, alert: str, kind: str, actor: str, words: str, changes: dict[str, Any]
) -> AlertRecord:
    def write(connection: sa.Connection) -> AlertRecord:
        row = connection.execute(sa.select(alerts).where(alerts.c.id == alert)).mappings().one_or_none()
        if row is None or row["closed_at"] is not None:
            came = f"there is no '{alert}'" if row is None else f"it was closed by '{row['closed_by']}'"
            raise ConflictError("an alert must be open to be worked on", came=came, do="Look at the queue")
        if changes:
            connection.execute(sa.update(alerts).where(alerts.c.id == alert).values(**changes))
        add_note(connection, database, alert, kind, actor, words)
        record = AlertRecord(**{**row, **changes})
        if record.subject and record.disposition in LABELS:
            label = Outcome(record.subject, LABELS[record.disposition], database.clock())
            source = f"alert {record.id}"
            write_outcome(connection, database, record.study, label, by=actor, source=source)
        return record

    return database.write(write)
