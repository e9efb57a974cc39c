"""Opening alerts: one for a cause, however often it is seen; told of when it opens and when it gets worse."""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from barograph.govern.alerts.notes import add_note
from barograph.govern.alerts.records import AlertRecord, Cause
from barograph.govern.messages.outbox import enqueue
from barograph.govern.storage import Database
from barograph.govern.tables import alerts

SYSTEM = "barograph"
"""Who opens alerts."""
TIMES = 5
"""Tries of a transaction that finds an alert opened by another one meanwhile."""


def raise_alerts(database: Database, causes: Sequence[Cause]) -> list[AlertRecord]:
    """Open an alert for each cause, or add the reading to the one that is open; they as they then stand."""

    def write(connection: sa.Connection) -> list[AlertRecord]:
        return [_raise(connection, database, cause) for cause in causes]

    for _ in range(TIMES - 1):
        try:
            return database.write(write)
        except sa.exc.IntegrityError:  # another process opened one of them at once: now it is seen
            continue
    return database.write(write)


def _raise(connection: sa.Connection, database: Database, cause: Cause) -> AlertRecord:
    known = sa.select(alerts).where(alerts.c.key == cause.key).order_by(alerts.c.opened_at.desc()).limit(1)
    known = known if cause.again else known.where(alerts.c.closed_at.is_(None))
    row = connection.execute(known).mappings().one_or_none()
    if row is None:
        return _open(connection, database, cause)
    if cause.again:
        return AlertRecord(**row)
    worse = row["severity"] == "soft" and cause.severity == "hard"
    changes: dict[str, Any] = {"readings": row["readings"] + 1, "last_at": database.clock()}
    if _worse(cause.value, row["value"], below=cause.below):
        changes |= {"value": cause.value}
    if worse:
        changes |= {"severity": "hard", "threshold": cause.threshold}
    connection.execute(sa.update(alerts).where(alerts.c.id == row["id"]).values(**changes))
    record = AlertRecord(**{**row, **changes})
    if worse:
        add_note(connection, database, record.id, "escalated", SYSTEM, f"{cause.value:g}")
        enqueue(connection, database, record.study, _message("alert.escalated", record))
    return record


def _open(connection: sa.Connection, database: Database, cause: Cause) -> AlertRecord:
    at = database.clock()
    record = AlertRecord(
        id=uuid.uuid4().hex[:12],
        key=cause.key,
        study=cause.study,
        kind=cause.kind,
        figure=cause.figure,
        entity=cause.entity,
        subject=cause.subject,
        severity=cause.severity,
        value=cause.value if math.isfinite(cause.value) else cause.threshold,
        threshold=cause.threshold,
        readings=1,
        opened_at=at,
        last_at=at,
        assignee=None,
        disposition=None,
        closed_at=None,
        closed_by=None,
    )
    connection.execute(alerts.insert(), asdict(record))
    add_note(connection, database, record.id, "opened", SYSTEM, f"{cause.value:g}")
    enqueue(connection, database, record.study, _message("alert.opened", record))
    return record


def _worse(value: float, known: float, *, below: bool) -> bool:
    return math.isfinite(value) and (value < known if below else value > known)


def _message(what: str, record: AlertRecord) -> dict[str, Any]:
    return {
        "what": what,
        "alert": record.id,
        "study": record.study,
        "figure": record.figure,
        "entity": record.entity,
        "subject": record.subject,
        "severity": record.severity,
        "value": record.value,
        "threshold": record.threshold,
        "opened_at": record.opened_at.isoformat(),
    }
