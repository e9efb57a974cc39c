"""Models as they stand, read off their history: nothing but the history says what a model is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from barograph.core.errors import SettingError, nearest
from barograph.govern.registry.records import ModelRecord, ModelState
from barograph.govern.storage import Database
from barograph.govern.tables import findings, model_history, models

STEP = model_history.c


def models_of(database: Database, *, study: str | None = None) -> list[ModelRecord]:
    """All models, or those of a study; by study, newest first."""
    return database.read(lambda connection: read_models(connection, database.clock(), study=study))


def model_of(database: Database, model: str) -> ModelRecord:
    """A model by its id, or by the beginning of one.

    Raises
    ------
    SettingError
        There is none, or more than one.
    """
    return found(database.read(lambda connection: read_models(connection, database.clock())), model)


def found(known: list[ModelRecord], model: str) -> ModelRecord:
    """The one model that is meant by an id or its beginning."""
    meant = [one for one in known if model and one.id.startswith(model)]
    if len(meant) == 1:
        return meant[0]
    came = f"{len(meant)} begin with '{model}'" if meant else f"there is no '{model}'"
    ids = [one.id for one in meant or known]
    raise SettingError(
        "a model must be named by its id, or by the beginning of one",
        came=came,
        do=nearest(model, ids).capitalize() if ids else "Propose one: barograph models propose BUNDLE",
    )


def read_models(connection: sa.Connection, at: dt.datetime, *, study: str | None = None) -> list[ModelRecord]:
    """The models as a transaction sees them."""
    wanted = sa.true() if study is None else models.c.study == study
    steps = connection.execute(
        sa.select(model_history).where(_of(study)).order_by(STEP.study, STEP.step)
    ).mappings()
    lives: dict[str, _Life] = {}
    answering: dict[str, str | None] = {}
    for step in steps:
        lives.setdefault(step["model"], _Life()).take(step)
        answering[step["study"]] = step["champion"]
    counted = sa.select(findings.c.model, sa.func.count()).where(findings.c.closed_at.is_(None))
    rows = connection.execute(counted.group_by(findings.c.model))
    open_findings: dict[str, int] = {row[0]: row[1] for row in rows}
    order = models.c.study, models.c.proposed_at.desc(), models.c.id
    kept = connection.execute(sa.select(models).where(wanted).order_by(*order)).mappings()
    return [
        lives.get(row["id"], _Life()).record(
            row, answering.get(row["study"]), at, open_findings.get(row["id"], 0)
        )
        for row in kept
    ]


def _of(study: str | None) -> sa.ColumnElement[bool]:
    return sa.true() if study is None else STEP.study == study


class _Life:
    """What the steps of one model add up to."""

    def __init__(self) -> None:
        self.state: ModelState = "proposed"
        self.approver: str | None = None
        self.approved_at: dt.datetime | None = None
        self.expires_at: dt.datetime | None = None

    def take(self, step: Any) -> None:
        """One step further."""
        if step["action"] == "approved":
            self.approver, self.approved_at = step["actor"], step["at"]
            self.state = "challenger"
        if step["action"] == "retired":
            self.state = "retired"
        elif step["champion"] == step["model"]:
            self.state = "former"  # or still champion: the study's last step knows
        if step["expires_at"] is not None:
            self.expires_at = step["expires_at"]

    def record(self, row: Any, champion: str | None, at: dt.datetime, open_findings: int) -> ModelRecord:
        """The model as it stands at an instant."""
        return ModelRecord(
            **row,
            state="champion" if champion == row["id"] else self.state,
            approver=self.approver,
            approved_at=self.approved_at,
            expires_at=self.expires_at,
            expired=self.expires_at is not None and self.expires_at <= at,
            open_findings=open_findings,
        )
