"""Findings: what a validator found wanting in a model, who sees to it, until when."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa

from barograph.core.errors import ConflictError, unknown
from barograph.govern.registry.checks import said
from barograph.govern.registry.records import FindingRecord
from barograph.govern.registry.states import model_of
from barograph.govern.storage import Database
from barograph.govern.tables import findings
from barograph.govern.tables.registry import SEVERITIES


def open_finding(
    database: Database, model: str, *, severity: str, what: str, owner: str, due: dt.date, by: str
) -> str:
    """Write a finding against a model; its id.

    Raises
    ------
    SettingError
        The model or severity is not known, or nothing is said.
    """
    if severity not in SEVERITIES:
        raise unknown("a severity", severity, SEVERITIES)
    opener, words = said(by, what)
    row: dict[str, Any] = {
        "id": uuid.uuid4().hex[:12],
        "model": model_of(database, model).id,
        "severity": severity,
    }
    row |= {"what": words, "owner": owner, "due": due, "opened_at": database.clock(), "opened_by": opener}
    database.write(lambda connection: connection.execute(findings.insert(), row))
    return str(row["id"])


def close_finding(database: Database, finding: str, *, by: str, why: str) -> None:
    """Close a finding, once.

    Raises
    ------
    ConflictError
        It is closed already, or there is none.
    """
    closer, words = said(by, why)
    mark = {"closed_at": database.clock(), "closed_by": closer, "closed_why": words}
    update = sa.update(findings).where((findings.c.id == finding) & findings.c.closed_at.is_(None))
    if database.write(lambda connection: connection.execute(update.values(**mark)).rowcount) == 0:
        raise ConflictError(
            "a finding must be open to be closed", came=f"'{finding}' is not", do="Look at the list"
        )


def findings_of(
    database: Database, *, model: str | None = None, open_only: bool = False
) -> list[FindingRecord]:
    """Findings by the day they are due."""
    statement = sa.select(findings).order_by(findings.c.due, findings.c.id)
    if model is not None:
        statement = statement.where(findings.c.model == model)
    if open_only:
        statement = statement.where(findings.c.closed_at.is_(None))
    today = database.clock().date()
    rows = database.read(lambda connection: connection.execute(statement).mappings().all())
    return [FindingRecord(**row, overdue=_overdue(row, today)) for row in rows]


def _overdue(row: Any, today: dt.date) -> bool:
    return bool(row["closed_at"] is None and row["due"] < today)
