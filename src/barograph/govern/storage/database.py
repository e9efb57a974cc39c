"""Transactions: read or write, repeated where the database asks for it, failing in words."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

import sqlalchemy as sa

from barograph.core.errors import DataError
from barograph.govern.storage.clock import Clock, now
from barograph.govern.storage.engine import WRITES, shown
from barograph.govern.storage.faults import explained, fault_of

Result = TypeVar("Result")
Isolation = Literal["SERIALIZABLE", "READ COMMITTED"]

AGAIN_TIMES: Final = 30
"""Tries of a transaction that others got in the way of."""
AWAY_TIMES: Final = 3
"""Tries of one whose connection was lost; then the caller decides, with a hint when."""
LONGEST_PAUSE: Final = 0.25
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: every access is one function, run in one transaction.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        Of `open_database`.
    clock : callable
        The present instant.
    """

    engine: sa.Engine
    clock: Clock = now

    def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Run a function that only reads; it may be run more than once.

        Raises
        ------
        UnavailableError
            The database does not answer, after several tries.
        StorageError
            It cannot be read.
        """
        return self._repeated(work, writes=False, isolation="READ COMMITTED")

    def write(
        self, work: Callable[[sa.Connection], Result], *, isolation: Isolation = "SERIALIZABLE"
    ) -> Result:
        """Run a function in a transaction that is committed when this returns, and kept from then on.

        Parameters
        ----------
        work : callable
            Run again from its start where another transaction got in the way or the connection was lost
            before the commit: it must do nothing but use the connection it is given.
        isolation : str
            As if transactions ran one after the other; `READ COMMITTED` for plain inserts under a unique key.
            SQLite has one writer at a time in any case.

        Raises
        ------
        UnavailableError
            The database is away or too busy; nothing was written, `retry_after` says when to try again.
        DataError
            A value is none that the database can keep.
        StorageError
            No room, or the connection was lost in the very commit: then nobody knows, and it says so.
        sqlalchemy.exc.IntegrityError
            A constraint or rule of the database was broken: for the caller to put into words.
        """
        return self._repeated(work, writes=True, isolation=isolation)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def _repeated(
        self, work: Callable[[sa.Connection], Result], *, writes: bool, isolation: Isolation
    ) -> Result:
        tries = 0
        while True:
            tries += 1
            step = _Step()
            try:
                return self._once(work, step, writes=writes, isolation=isolation)
            except sa.exc.IntegrityError:
                raise
            except sa.exc.DataError as error:  # PostgreSQL keeps no U+0000, for one; SQLite does
                raise DataError(
                    "a value must be one that the database can keep",
                    came=str(error.orig).splitlines()[0][:200],
                    do="Leave out what it names",
                ) from error
            except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
                fault = fault_of(error)
                allowed = {"again": AGAIN_TIMES, "away": AWAY_TIMES}.get(fault, 1)
                unknown = step.committing and writes and fault == "away"
                if unknown or tries >= allowed:
                    raise explained(error, shown(self.engine), committing=unknown) from error
            time.sleep(random.uniform(0.0, min(LONGEST_PAUSE, 0.005 * 2**tries)))

    def _once(
        self, work: Callable[[sa.Connection], Result], step: _Step, *, writes: bool, isolation: Isolation
    ) -> Result:
        options: dict[str, object] = {WRITES: writes}
        if self.engine.dialect.name != "sqlite":
            options["isolation_level"] = isolation
        with self.engine.connect() as plain:
            connection = plain.execution_options(**options)
            with connection.begin() as transaction:
                result = work(connection)
                step.committing = True
                transaction.commit()
        return result


@dataclass(slots=True)
class _Step:
    """How far a transaction has come."""

    committing: bool = False
