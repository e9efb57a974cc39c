"""Outcomes: what became of what was scored. A label may be corrected; what it was before stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import sqlalchemy as sa

from barograph.core.errors import DataError
from barograph.govern.storage import Database
from barograph.govern.tables import outcomes

__all__ = ["Outcome", "OutcomeStanding", "outcomes_of", "record_outcomes", "write_outcome"]

OutcomeStanding = Literal["new", "repeated", "corrected"]
AHEAD: Final = dt.timedelta(days=1)
"""How far a label may claim to be known ahead of our clock: zones, and clocks that differ."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The label of one event or record."""

    subject: str
    label: float  # 1 bad, 0 good
    known_at: dt.datetime  # with a zone


def record_outcomes(
    database: Database, study: str, labels: Sequence[Outcome], *, by: str, source: str = "api"
) -> list[OutcomeStanding]:
    """Keep labels; the same one again changes nothing, another one is a new revision.

    Raises
    ------
    DataError
        A label is neither 0 nor 1, or its instant has no zone or lies ahead.
    """
    for one in labels:
        _check(one, database.clock())

    def write(connection: sa.Connection) -> list[OutcomeStanding]:
        return [write_outcome(connection, database, study, one, by=by, source=source) for one in labels]

    return database.write(write) if labels else []


def write_outcome(
    connection: sa.Connection, database: Database, study: str, one: Outcome, *, by: str, source: str
) -> OutcomeStanding:
    """Keep one label in a transaction that is open already."""
    of_it = (outcomes.c.study == study) & (outcomes.c.subject == one.subject)
    newest = sa.select(outcomes.c.revision, outcomes.c.label).where(of_it)
    last = connection.execute(newest.order_by(outcomes.c.revision.desc()).limit(1)).one_or_none()
    if last is not None and last.label == one.label:
        return "repeated"
    row = {"study": study, "subject": one.subject, "revision": 1 if last is None else last.revision + 1}
    row |= {
        "label": one.label,
        "known_at": one.known_at,
        "at": database.clock(),
        "actor": by,
        "source": source,
    }
    connection.execute(outcomes.insert(), row)
    return "new" if last is None else "corrected"


def outcomes_of(database: Database, study: str, subjects: Sequence[str] | None = None) -> dict[str, Outcome]:
    """The labels that hold now, by subject: all of a study, or those asked for."""
    wanted = outcomes.c.study == study
    if subjects is not None:
        wanted &= outcomes.c.subject.in_(subjects)
    statement = sa.select(outcomes).where(wanted).order_by(outcomes.c.subject, outcomes.c.revision)
    rows = database.read(lambda connection: connection.execute(statement).all())
    return {row.subject: Outcome(row.subject, row.label, row.known_at) for row in rows}


def _check(one: Outcome, now: dt.datetime) -> None:
    if one.label not in (0.0, 1.0):
        raise DataError("a label must be 0 or 1", came=f"got {one.label}", do="Leave it out until known")
    if one.known_at.tzinfo is None or one.known_at > now + AHEAD:
        raise DataError(
            "a label's instant must have a zone and lie in the past",
            came=f"got {one.known_at.isoformat()}",
            do="Send when it became known, such as 2026-03-03T14:05+00:00",
        )
