"""Reminders: a model whose review is due, a finding whose day has come; told once, to those who listen."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa

from barograph.govern.messages.outbox import enqueue
from barograph.govern.registry import findings_of, models_of
from barograph.govern.storage import Database

AHEAD: Final = dt.timedelta(days=14)
"""How long before its review a model is told of."""


def remind(database: Database) -> int:
    """Write what is due and was not told yet; how many messages that were."""
    told = [*_reviews(database), *_findings(database)]

    def write(connection: sa.Connection) -> int:
        return sum(enqueue(connection, database, one["study"], one, once=once) for one, once in told)

    return database.write(write) if told else 0


def _reviews(database: Database) -> list[tuple[dict[str, Any], str]]:
    soon = database.clock() + AHEAD
    return [
        (
            {
                "what": "review.due",
                "study": one.study,
                "model": one.id,
                "champion": one.champion,
                "expires_at": one.expires_at.isoformat(),
            },
            f"review {one.id} {one.expires_at.isoformat()}",
        )
        for one in models_of(database)
        if one.state in ("champion", "challenger") and one.expires_at is not None and one.expires_at <= soon
    ]


def _findings(database: Database) -> list[tuple[dict[str, Any], str]]:
    today = database.clock().date()
    studies = {one.id: one.study for one in models_of(database)}
    return [
        (
            {
                "what": "finding.due",
                "study": studies[one.model],
                "model": one.model,
                "finding": one.id,
                "severity": one.severity,
                "words": one.what,
                "owner": one.owner,
                "due": one.due.isoformat(),
            },
            f"finding {one.id} {one.due.isoformat()}",
        )
        for one in findings_of(database, open_only=True)
        if one.due <= today
    ]
