"""What must hold before a step is taken; the database holds the same rules once more."""

from __future__ import annotations

import datetime as dt
from typing import Final

from barograph.core.errors import ConflictError, ForbiddenError, SettingError
from barograph.govern.access.users import checked_name
from barograph.govern.registry.records import Action, ModelRecord, ModelState
from barograph.govern.storage import Database

LONGEST: Final = 60
"""Months."""
DAYS: Final = 365.25 / 12
"""Of a month."""


def said(by: str, why: str) -> tuple[str, str]:
    """Who acts and why, both in words."""
    reason = why.strip()
    if not reason:
        raise SettingError("every step must say why it is taken", came="got no reason", do="Give one")
    return checked_name(by), reason


def expiry(database: Database, months: int) -> dt.datetime:
    """The instant some months from now."""
    if not 1 <= months <= LONGEST:
        raise SettingError(
            f"a model must be reviewed within 1 to {LONGEST} months", came=f"got {months}", do="Give another"
        )
    return database.clock() + dt.timedelta(days=round(DAYS * months))


def check_four_eyes(model: ModelRecord, actor: str) -> None:
    """Somebody else than the proposer."""
    if actor.casefold() == model.proposer.strip().casefold():
        raise ForbiddenError(
            "a model must be approved by somebody else than its proposer (four eyes)",
            came=f"'{actor}' proposed {model.id}",
            do="Ask another approver",
        )


def check_state(model: ModelRecord, action: Action, allowed: tuple[ModelState, ...]) -> None:
    """The step can be taken from where the model stands."""
    word = action.replace("_", " ")
    if model.state not in allowed:
        what = "was approved already" if action == "approved" and model.state != "retired" else "is not"
        raise ConflictError(
            f"to be {word}, a model must be {' or '.join(allowed)}",
            came=f"{model.id} {what}: it is {model.state}",
            do="Look at the history",
        )
    if action == "promoted" and model.expired:
        raise ConflictError(
            "to be promoted, a model must not be expired",
            came=f"{model.id} expired on {model.expires_at:%Y-%m-%d}",
            do="Review and extend it first",
        )
