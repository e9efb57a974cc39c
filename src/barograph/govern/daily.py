"""What one of the processes on a database does once a day: it reminds, and forgets what is old enough."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping
from typing import Final

from barograph.core.errors import StorageError
from barograph.govern.background import Background
from barograph.govern.leases import give_back_lease, take_lease
from barograph.govern.messages import remind
from barograph.govern.storage import Database, forget

__all__ = ["Daily"]

LEASE: Final = "daily"
DAY: Final = 86_000.0
"""Seconds, a little less than a day: the look that comes a day later finds the work to be done again."""


class Daily(Background):
    """Looks now and then whether the day's work was done, and does it.

    Parameters
    ----------
    database : Database
    keep : mapping
        Table -> days that its rows are kept; of the others none is deleted.
    every : float
        Seconds between two looks.
    """

    def __init__(self, database: Database, keep: Mapping[str, int], *, every: float = 3_600.0) -> None:
        super().__init__("daily")
        self.error: Exception | None = None  # why it last could not; None when all is well
        self._database, self._keep, self._every = database, dict(keep), every

    def _round(self) -> float:
        name = uuid.uuid4().hex  # a new one each time: who did it today does not do it again either
        try:
            if take_lease(self._database, LEASE, name, seconds=DAY):
                self._work(name)
            self.error = None
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the next look comes
            self.error = error
        return self._every

    def _work(self, name: str) -> None:
        try:
            remind(self._database)
            for table, days in self._keep.items():
                forget(self._database, table, days=days)
        except BaseException:
            with contextlib.suppress(StorageError):  # it runs out by itself; what is told is why we could not
                give_back_lease(self._database, LEASE, name)
            raise
