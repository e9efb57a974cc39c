"""Working on alerts: the queue, who sees to one, what is said, what it turned out to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from barograph.core.errors import ConflictError, SettingError, unknown
from barograph.govern.access.users import checked_name
from barograph.govern.alerts.notes import NOTE, add_note
from barograph.govern.alerts.records import AlertNote, AlertRecord
from barograph.govern.outcomes import Outcome, write_outcome
from barograph.govern.storage import By, Database, page_of
from barograph.govern.tables import alert_notes, alerts
from barograph.govern.tables.alerts import DISPOSITIONS

LABELS: Final = {"fraud": 1.0, "false_alarm": 0.0}
"""Dispositions that say what the scored event was."""

HARD_FIRST: Final = sa.case((alerts.c.severity == "hard", 0), else_=1)
OPEN: Final[tuple[By, ...]] = ((HARD_FIRST, False), (alerts.c.opened_at, False), (alerts.c.id, False))
CLOSED: Final[tuple[By, ...]] = ((alerts.c.closed_at, True), (alerts.c.id, False))
"""Orders of the queue and of what was closed."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which alerts are meant; None lets all through."""

    study: str | None = None
    severity: str | None = None
    kind: str | None = None
    assignee: str | None = None  # "": those that nobody sees to
    closed: bool = False


@dataclass(frozen=True, slots=True)
class AlertCount:
    """How many alerts of a study and a severity there are."""

    study: str
    severity: str
    alerts: int


def alerts_sought(database: Database, sought: Sought, *, most: int, after: str = "") -> list[AlertRecord]:
    """The first of those meant: open ones by severity, then the longest open; closed ones newest first.

    `after` an alert, those that follow it.

    Raises
    ------
    SettingError
        There is no alert of that id, or it was never in that list.
    """
    statement = sa.select(alerts).where(_meant(sought))
    by = CLOSED if sought.closed else OPEN
    rows = page_of(database, statement, by, alerts.c.id, most=most, after=after)
    return [AlertRecord(**row) for row in rows]


def alert_counts(database: Database, sought: Sought) -> list[AlertCount]:
    """How many of those meant there are, by study and severity."""
    by = alerts.c.study, alerts.c.severity
    statement = sa.select(*by, sa.func.count()).where(_meant(sought)).group_by(*by).order_by(*by)
    return [AlertCount(*row) for row in database.read(lambda connection: connection.execute(statement).all())]


def alert_of(database: Database, alert: str) -> AlertRecord | None:
    """An alert, open or closed; None where there is none."""
    statement = sa.select(alerts).where(alerts.c.id == alert)
    row = database.read(lambda connection: connection.execute(statement).mappings().one_or_none())
    return None if row is None else AlertRecord(**row)


def _meant(sought: Sought) -> sa.ColumnElement[bool]:
    ended = alerts.c.closed_at.is_not(None) if sought.closed else alerts.c.closed_at.is_(None)
    conditions: list[sa.ColumnElement[bool]] = [ended]
    for column, wanted in (
        (alerts.c.study, sought.study),
        (alerts.c.severity, sought.severity),
        (alerts.c.kind, sought.kind),
        (sa.func.coalesce(alerts.c.assignee, ""), sought.assignee),
    ):
        if wanted is not None:
            conditions.append(column == wanted)
    return sa.and_(*conditions)


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
