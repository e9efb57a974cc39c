"""What changed a moment ago, whoever wrote it: what those who watch are told of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from barograph.govern.storage import Database
from barograph.govern.tables import alert_notes, alerts, limit_readings, limits, model_history

NOTE, READING, LIMIT, STEP = alert_notes.c, limit_readings.c, limits.c, model_history.c
ALERT = ("id", "study", "kind", "figure", "entity", "subject", "severity", "value", "threshold", "assignee")


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what it is of, which one (the same whenever it is looked at), and what to say of it."""

    kind: Literal["alert", "limit", "reading", "registry"]
    key: tuple[Any, ...]
    said: dict[str, Any]  # JSON-ready


def changes_since(database: Database, at: dt.datetime) -> list[Change]:
    """What was written at an instant or later, by the writers' clocks; alerts, limits, readings, models.

    Whoever looks again and again asks for a little more than what came since: clocks differ, and of two
    transactions the later one may be seen first. Keys tell what was seen before.
    """

    def read(connection: sa.Connection) -> list[Change]:
        return [
            *_alerts(connection, at),
            *_limits(connection, at),
            *_readings(connection, at),
            *_steps(connection, at),
        ]

    return database.read(read)


def _alerts(connection: sa.Connection, at: dt.datetime) -> list[Change]:
    shown = [NOTE.step, NOTE.kind.label("what"), NOTE.actor, *(alerts.c[name] for name in ALERT)]
    statement = sa.select(*shown).join(alerts, alerts.c.id == NOTE.alert).where(NOTE.at >= at)
    rows = connection.execute(statement.order_by(NOTE.at, NOTE.alert, NOTE.step)).mappings()
    return [Change("alert", (row["id"], row["step"]), dict(row)) for row in rows]


def _limits(connection: sa.Connection, at: dt.datetime) -> list[Change]:
    statement = sa.select(LIMIT.id, LIMIT.study, LIMIT.figure, LIMIT.entity, LIMIT.ended_at)
    new = (LIMIT.created_at >= at) | (LIMIT.ended_at >= at)
    rows = connection.execute(statement.where(new).order_by(LIMIT.created_at, LIMIT.id)).mappings()
    found = []
    for row in rows:
        what = "set" if row["ended_at"] is None else "ended"
        said = {name: row[name] for name in ("id", "study", "figure", "entity")}
        found.append(Change("limit", (row["id"], what), {"what": what, **said}))
    return found


def _readings(connection: sa.Connection, at: dt.datetime) -> list[Change]:
    shown = (READING.study, READING.figure, READING.entity, READING.last, READING.readings, READING.hour)
    statement = sa.select(*shown).where(READING.at >= at).order_by(READING.at)
    found = []
    for row in connection.execute(statement).mappings():
        key = (row["study"], row["figure"], row["entity"], row["hour"], row["readings"])
        said = {name: row[name] for name in ("study", "figure", "entity")}
        found.append(Change("reading", key, {**said, "value": row["last"]}))
    return found


def _steps(connection: sa.Connection, at: dt.datetime) -> list[Change]:
    statement = sa.select(STEP.study, STEP.step, STEP.action, STEP.model, STEP.actor).where(STEP.at >= at)
    rows = connection.execute(statement.order_by(STEP.at, STEP.step)).mappings()
    return [
        Change(
            "registry",
            (row["study"], row["step"]),
            {"what": row["action"], **_without(row, "step", "action")},
        )
        for row in rows
    ]


def _without(row: Any, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
