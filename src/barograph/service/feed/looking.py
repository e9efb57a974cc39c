"""Looks at the database again and again, and says what is new."""

from __future__ import annotations

import datetime as dt
from typing import Any

from barograph.govern.changes import Change, changes_since
from barograph.govern.storage import Database

BEHIND = dt.timedelta(minutes=2)
"""How far back each look goes: clocks of machines differ, and transactions end in another order."""


class Looking:
    """What is new since the last look; the first one only learns what there is.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._seen: set[tuple[Any, ...]] | None = None
        self._last: dt.datetime | None = None
        self.lost = False  # whether the last look came too late to see everything

    def look(self) -> list[Change]:
        """New changes in their order; asks the database, so not for an event loop."""
        now = self.database.clock()
        found = changes_since(self.database, now - BEHIND)
        self.lost = self._last is not None and now - self._last > BEHIND
        keys = {(one.kind, *one.key) for one in found}
        seen, self._seen, self._last = self._seen, keys, now
        return [] if seen is None else [one for one in found if (one.kind, *one.key) not in seen]
