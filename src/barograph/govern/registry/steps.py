"""The steps of a model: propose, approve, promote, extend, roll back, retire.

Each is one row of the history, written in one transaction that sees all rows before it; the rules stand in
the database as well, so that two who act at once, or one who writes SQL by hand, cannot get around them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict
from typing import Final, TypeVar

import sqlalchemy as sa

from barograph.core.errors import ConflictError
from barograph.govern.registry.checks import check_four_eyes, check_state, expiry, said
from barograph.govern.registry.records import Action, ModelRecord, ModelState, Proposal
from barograph.govern.registry.states import found, read_models
from barograph.govern.storage import Database
from barograph.govern.storage.clock import not_before
from barograph.govern.tables import model_history, models

MONTHS: Final = 12
"""Months until an approved model is due for review."""
ID: Final = 12
"""Digits of the manifest's hash that make an id."""
NEW: Final[tuple[ModelState, ...]] = ("proposed",)
APPROVED: Final[tuple[ModelState, ...]] = ("champion", "challenger", "former")
STEP = model_history.c

Written = TypeVar("Written")


def propose(database: Database, proposal: Proposal, *, by: str, why: str) -> str:
    """Register a bundle; the id of its model. It does not answer until somebody else approves it.

    Raises
    ------
    ConflictError
        The bundle is registered already.
    SettingError
        No reason or no name is given.
    """
    actor, reason = said(by, why)
    identity = proposal.manifest_hash[:ID]

    def insert(connection: sa.Connection) -> str:
        known = connection.scalar(
            sa.select(models.c.proposer).where(models.c.manifest_hash == proposal.manifest_hash)
        )
        if known is not None:
            raise ConflictError(
                "a bundle must be proposed once",
                came=f"'{known}' proposed it as {identity}",
                do="Approve that one, or propose the bundle of another run",
            )
        row = asdict(proposal) | {"id": identity, "proposer": actor, "proposed_at": database.clock()}
        connection.execute(models.insert(), row)
        _step(connection, database, proposal.study, identity, "proposed", actor, reason)
        return identity

    return _written(database, insert)


def approve(
    database: Database, model: str, *, by: str, why: str, challenger: bool = False, months: int = MONTHS
) -> ModelRecord:
    """Let a proposed model answer; the champion before it stays ready to be rolled back to.

    Parameters
    ----------
    model : str
        Its id, or the beginning of it.
    by : str
        Somebody else than the proposer.
    why : str
        The reason, for the history.
    challenger : bool
        It scores in shadow instead.
    months : int
        Until it is due for review (1 to 60). An expired model goes on answering, flagged: a bank whose fraud
        score stops at midnight is worse off than one whose review is late. It is not promoted or rolled back
        to.

    Raises
    ------
    ForbiddenError
        Proposer and approver are one.
    ConflictError
        It was approved already, or retired.
    """
    expires = expiry(database, months)
    return _on_model(
        database, model, "approved", by, why, states=NEW, champion=not challenger, expires=expires
    )


def promote(database: Database, model: str, *, by: str, why: str) -> ModelRecord:
    """Make a challenger the champion; not by its proposer."""
    return _on_model(database, model, "promoted", by, why, states=("challenger", "former"), champion=True)


def extend(database: Database, model: str, *, by: str, why: str, months: int = MONTHS) -> ModelRecord:
    """Put the date of a model's review off, from now; not by its proposer."""
    expires = expiry(database, months)
    return _on_model(database, model, "extended", by, why, states=APPROVED, expires=expires)


def retire(database: Database, model: str, *, by: str, why: str) -> ModelRecord:
    """Take a model out for good. A study whose champion is retired has none until another is named."""
    return _on_model(database, model, "retired", by, why, states=(*NEW, *APPROVED))


def roll_back(database: Database, study: str, *, by: str, why: str) -> ModelRecord:
    """Let the champion before the present one answer again: the latest that is neither retired nor expired.

    A model that was rolled away from is not come back to: a second roll back goes further back.

    Raises
    ------
    ConflictError
        There is none.
    """
    actor, reason = said(by, why)

    def back(connection: sa.Connection) -> ModelRecord:
        known = {one.id: one for one in read_models(connection, database.clock(), study=study)}
        ready = (known[one] for one in reversed(_champions(connection, study)))
        before = next((one for one in ready if one.state == "former" and not one.expired), None)
        if before is None:
            raise ConflictError(
                "a roll back needs a champion before the present one, neither retired nor expired",
                came=f"'{study}' has none",
                do="Approve or promote another model",
            )
        _step(connection, database, study, before.id, "rolled_back", actor, reason, champion=True)
        return found(read_models(connection, database.clock()), before.id)

    return _written(database, back)


def _champions(connection: sa.Connection, study: str) -> list[str]:
    """The champions of a study, each on top of the one that a roll back from it goes to."""
    stack: list[str] = []
    rows = connection.execute(
        sa.select(STEP.action, STEP.model, STEP.champion).where(STEP.study == study).order_by(STEP.step)
    )
    for action, model, champion in rows:
        if action == "retired":
            stack = [one for one in stack if one != model]
        elif action == "rolled_back" and model in stack:
            while stack[-1] != model:
                stack.pop()
        elif action in ("approved", "promoted", "rolled_back") and champion == model:
            stack.append(model)
    return stack


def _on_model(
    database: Database,
    model: str,
    action: Action,
    by: str,
    why: str,
    *,
    states: tuple[ModelState, ...],
    champion: bool = False,
    expires: dt.datetime | None = None,
) -> ModelRecord:
    actor, reason = said(by, why)

    def write(connection: sa.Connection) -> ModelRecord:
        one = found(read_models(connection, database.clock()), model)
        check_state(one, action, states)
        if action in ("approved", "promoted", "extended"):
            check_four_eyes(one, actor)
        _step(
            connection, database, one.study, one.id, action, actor, reason, champion=champion, expires=expires
        )
        return found(read_models(connection, database.clock()), one.id)

    return _written(database, write)


def _step(
    connection: sa.Connection,
    database: Database,
    study: str,
    model: str,
    action: Action,
    actor: str,
    why: str,
    *,
    champion: bool = False,
    expires: dt.datetime | None = None,
) -> None:
    """Write the next row of a study's history; a clock that jumped back does not put it before the last."""
    last = connection.execute(
        sa.select(STEP.step, STEP.champion, STEP.at).where(STEP.study == study).order_by(STEP.step.desc())
    ).first()
    number, answering, earlier = (0, None, None) if last is None else last
    if champion:
        answering = model
    elif action == "retired" and answering == model:
        answering = None
    row = {"study": study, "step": number + 1, "model": model, "action": action, "champion": answering}
    row |= {"actor": actor, "why": why, "at": not_before(database.clock(), earlier), "expires_at": expires}
    connection.execute(model_history.insert(), row)


def _written(database: Database, work: Callable[[sa.Connection], Written]) -> Written:
    """Write; a rule of the database that was broken all the same is said in its words."""
    try:
        return database.write(work)
    except sa.exc.IntegrityError as error:
        rule = str(error.orig).splitlines()[0]
        raise ConflictError("the registry's rules must hold", came=rule, do="Look at the history") from error
