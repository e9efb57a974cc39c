"""What was when: the steps of a study, and who answered at an instant."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from barograph.core.errors import SettingError
from barograph.govern.registry.records import Action
from barograph.govern.storage import Database
from barograph.govern.tables import model_history, models

STEP = model_history.c
CLOCKS = dt.timedelta(minutes=1)
"""How far the clock of who asks may be ahead."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a study's history."""

    study: str
    step: int
    model: str
    action: Action
    champion: str | None  # who answers from here on
    actor: str
    why: str
    at: dt.datetime
    expires_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Answering:
    """Which model answered, since when and by whose decision, who approved it, and what it was fitted on."""

    study: str
    model: str
    champion: str
    bundle: str
    manifest_hash: str
    data_hash: str
    verdict: str
    proposer: str
    approver: str
    approved_at: dt.datetime
    approved_why: str
    since: dt.datetime
    by: str
    why: str


def history_of(database: Database, study: str) -> list[Step]:
    """The steps of a study, first to last."""
    statement = sa.select(model_history).where(STEP.study == study).order_by(STEP.step)
    return [Step(**row) for row in database.read(lambda c: c.execute(statement).mappings().all())]


def champion_of(database: Database, study: str) -> Answering | None:
    """The model that answers for a study now; None where none does."""
    return _answering(database, study, None)


def answered_at(database: Database, study: str, instant: dt.datetime) -> Answering | None:
    """The model that answered for a study at an instant, in one query; None where none did.

    Raises
    ------
    SettingError
        The instant does not say its zone, or has not come yet: nobody knows who will answer then.
    """
    if instant.tzinfo is None:
        raise SettingError(
            "an instant must say its zone", came=f"got {instant.isoformat()}", do="Add one, such as +00:00"
        )
    now = database.clock()
    if instant > now + CLOCKS and instant > _newest(database, study, now):
        raise SettingError(
            "who answered is known of moments that have passed",
            came=f"got {instant.isoformat()}, and it is {now.isoformat(timespec='seconds')}",
            do="Give an earlier one",
        )
    return _answering(database, study, instant)


def _newest(database: Database, study: str, now: dt.datetime) -> dt.datetime:
    """The instant of the last step: ahead of a clock that was set back since. Now, where there is no step."""
    last = sa.select(STEP.at).where(STEP.study == study).order_by(STEP.step.desc()).limit(1)
    return database.read(lambda connection: connection.execute(last).scalar_one_or_none()) or now


def _answering(database: Database, study: str, instant: dt.datetime | None) -> Answering | None:
    """Steps are ordered by their number; their instants never go back, the database sees to that."""
    past = STEP.study == study
    if instant is not None:
        past &= STEP.at <= instant
    last = sa.select(STEP.champion, STEP.step).where(past).order_by(STEP.step.desc()).limit(1).subquery()
    taken, approval, change = (model_history.alias(name) for name in ("taken", "approval", "change"))
    since = sa.select(sa.func.max(change.c.step)).where(
        (change.c.study == study)
        & (change.c.step <= last.c.step)
        & (change.c.model == last.c.champion)
        & (change.c.champion == last.c.champion)
        & change.c.action.in_(("approved", "promoted", "rolled_back"))
    )
    statement = (
        sa.select(
            models.c.study,
            models.c.id.label("model"),
            *(models.c[name] for name in ("champion", "bundle", "manifest_hash", "data_hash", "verdict")),
            models.c.proposer,
            approval.c.actor.label("approver"),
            approval.c.at.label("approved_at"),
            approval.c.why.label("approved_why"),
            taken.c.at.label("since"),
            taken.c.actor.label("by"),
            taken.c.why.label("why"),
        )
        .select_from(last)
        .join(models, models.c.id == last.c.champion)
        .join(approval, (approval.c.model == models.c.id) & (approval.c.action == "approved"))
        .join(taken, (taken.c.study == study) & (taken.c.step == since.scalar_subquery()))
    )
    row = database.read(lambda connection: connection.execute(statement).mappings().one_or_none())
    return None if row is None else Answering(**row)
