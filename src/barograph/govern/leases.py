"""Leases of the database: of all processes on it, one does a piece of work at a time."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from barograph.govern.storage import Database
from barograph.govern.tables import leases

__all__ = ["give_back_lease", "take_lease"]

CLOCKS = 60.0
"""Seconds that the clocks of two processes may differ."""


def take_lease(database: Database, name: str, holder: str, *, seconds: float) -> bool:
    """Take the lease of a piece of work, or hold it for longer; False where somebody else holds it.

    Parameters
    ----------
    name : str
        The work.
    holder : str
        Who takes it: a name that no other process has.
    seconds : float
        How long nobody else gets it, by the clocks of those who ask; one that ends later than anybody could
        have taken it for was taken by a clock that has been put right since, and holds no more.
    """
    at = database.clock()
    until = at + dt.timedelta(seconds=seconds)
    latest = until + dt.timedelta(seconds=CLOCKS)

    def take(connection: sa.Connection) -> bool:
        row = connection.execute(sa.select(leases).where(leases.c.name == name)).one_or_none()
        if row is None:
            connection.execute(leases.insert(), {"name": name, "holder": holder, "until": until})
            return True
        if row.holder != holder and at < row.until <= latest:
            return False
        update = sa.update(leases).where(leases.c.name == name)
        connection.execute(update.values(holder=holder, until=until))
        return True

    try:
        return database.write(take)
    except sa.exc.IntegrityError:  # two at once took the first lease ever of this work: the other has it
        return False


def give_back_lease(database: Database, name: str, holder: str) -> None:
    """Let another process have it at once; what one does not hold is left alone."""
    own = (leases.c.name == name) & (leases.c.holder == holder)
    database.write(lambda connection: connection.execute(sa.delete(leases).where(own)))
