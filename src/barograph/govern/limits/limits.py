"""Setting limits. One is never edited: it ends, and another takes its place; so each breach has its limit."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from typing import Any, Final

import sqlalchemy as sa

from barograph.core.errors import ConflictError, SettingError
from barograph.govern.access.users import checked_name
from barograph.govern.limits.records import LimitRecord
from barograph.govern.storage import Database
from barograph.govern.tables import limits

__all__ = ["LimitRecord", "end_limit", "limits_of", "set_limit"]

LONGEST_DAYS: Final = 1826
"""Until a limit is reviewed."""


def set_limit(
    database: Database,
    study: str,
    figure: str,
    *,
    soft: float | None = None,
    hard: float | None = None,
    entity: str = "",
    below: bool = False,
    owner: str,
    why: str,
    by: str,
    days: int = 365,
) -> str:
    """Set a limit; its id. One on the same figure and entity ends.

    Parameters
    ----------
    soft, hard : float, optional
        A soft breach warns, a hard one must be acted on; the hard one lies beyond the soft one.
    entity : str
        One entity; without it every one, each with an alert of its own.
    below : bool
        What lies below breaches it.
    owner : str
        Who answers for it.
    days : int
        Until it is due for review. An expired limit guards on, flagged.

    Raises
    ------
    SettingError
        No bound, or one that is not finite, or soft beyond hard; no reason; odd days.
    """
    _check_bounds(soft, hard, below=below)
    if not why.strip() or not 1 <= days <= LONGEST_DAYS:
        raise SettingError(
            f"a limit must have a reason and 1 to {LONGEST_DAYS} days until its review",
            came=f"got {why!r} and {days}",
            do="Give both",
        )
    at = database.clock()
    row: dict[str, Any] = {
        "id": uuid.uuid4().hex[:12],
        "study": study,
        "figure": figure,
        "entity": entity,
        "soft": soft,
    }
    row |= {"hard": hard, "below": below, "owner": checked_name(owner), "why": why.strip(), "created_at": at}
    row |= {"expires_at": at + dt.timedelta(days=days), "created_by": checked_name(by)}
    same = (limits.c.study == study) & (limits.c.figure == figure) & (limits.c.entity == entity)
    ends = sa.update(limits).where(same & (limits.c.below == below) & limits.c.ended_at.is_(None))

    def write(connection: sa.Connection) -> str:
        connection.execute(ends.values(ended_at=at, ended_by=by))
        connection.execute(limits.insert(), row)
        return str(row["id"])

    return database.write(write)


def end_limit(database: Database, limit: str, *, by: str) -> None:
    """End a limit.

    Raises
    ------
    ConflictError
        There is none, or it has ended.
    """
    ends = sa.update(limits).where((limits.c.id == limit) & limits.c.ended_at.is_(None))
    values = {"ended_at": database.clock(), "ended_by": checked_name(by)}
    if database.write(lambda connection: connection.execute(ends.values(**values)).rowcount) == 0:
        raise ConflictError(
            "a limit must stand to be ended", came=f"'{limit}' does not", do="Look at the list"
        )


def limits_of(database: Database, *, study: str | None = None, ended: bool = False) -> list[LimitRecord]:
    """The limits that stand, by study and figure; with `ended` also those that did."""
    statement = sa.select(limits).order_by(
        limits.c.study, limits.c.figure, limits.c.entity, limits.c.created_at
    )
    if study is not None:
        statement = statement.where(limits.c.study == study)
    if not ended:
        statement = statement.where(limits.c.ended_at.is_(None))
    at = database.clock()
    rows = database.read(lambda connection: connection.execute(statement).mappings().all())
    return [LimitRecord(**row, expired=row["expires_at"] <= at) for row in rows]


def _check_bounds(soft: float | None, hard: float | None, *, below: bool) -> None:
    given = [bound for bound in (soft, hard) if bound is not None]
    apart = len(given) < 2 or (given[1] <= given[0] if below else given[1] >= given[0])
    if not given or not all(math.isfinite(bound) for bound in given) or not apart:
        raise SettingError(
            "a limit must have a soft bound, a hard one, or both with the hard one beyond",
            came=f"got soft {soft}, hard {hard}{' from below' if below else ''}",
            do="Give finite numbers in that order",
        )
