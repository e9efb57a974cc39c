"""The events that a label or a duplicate may still name, by id, and what they were answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import count, islice, repeat
from struct import Struct
from sys import intern

import numpy as np

Kept = tuple[int, str, int, int, int]
"""Of an event: its time, its counterparty, its label (-1: not known), when that became known, its number."""

_GONE: Kept = (-(2**63), "", -1, 0, -1)
_WORD = 8  # bytes


class Ledger:
    """Ids with what is kept of each event, and the rows of the newer ones.

    Events are numbered as they arrive. Rows stand one behind the other in `answered`, each behind the time of
    its event, from the event with number `oldest` on; what has expired is cut off in front.

    Parameters
    ----------
    width : int
        Numbers of a row.
    """

    __slots__ = ("_format", "_size", "answered", "arrived", "ids", "number", "oldest", "pack")

    def __init__(self, width: int) -> None:
        self._format = Struct(f"q{width}d")
        self._size = self._format.size
        self.pack = self._format.pack  # of a time and a row, for `keep`
        self.ids: dict[str, Kept] = {}
        self.arrived: deque[str] = deque()  # ids in order of arrival
        self.answered = bytearray()
        self.number = self.oldest = 0  # of the next event; of the first in `answered`

    @property
    def rows(self) -> int:
        """Number of rows kept."""
        return len(self.answered) // self._size

    def keep(self, event_id: str, time: int, counterparty: str, packed: bytes) -> None:
        """Remember an event that was taken in; `packed` is what `pack` makes of its time and row."""
        number = self.number
        self.ids[event_id] = (time, counterparty, -1, 0, number)
        self.number = number + 1
        self.arrived.append(event_id)
        self.answered += packed

    def keep_many(
        self, event_ids: Sequence[str], times: Sequence[int], counterparties: Sequence[str]
    ) -> None:
        """Remember events that were taken in, whose ids are all new; their rows are still to come."""
        names, numbers = map(intern, counterparties), count(self.number)
        self.ids.update(zip(event_ids, zip(times, names, repeat(-1), repeat(0), numbers), strict=False))
        self.arrived.extend(event_ids)
        self.number += len(event_ids)

    def row(self, number: int) -> tuple[float, ...]:
        """What the event of a number was answered, while it is kept."""
        place = number - self.oldest
        return self._format.unpack_from(self.answered, place * self._size)[1:]

    def restore(self, names: Iterable[str], kept: Sequence[Kept], rows: Sequence[Sequence[float]]) -> None:
        """Put back events in order of arrival; `rows` are those of the last ones."""
        self.ids = dict(zip(names, kept, strict=True))
        self.arrived = deque(self.ids)
        self.number, self.oldest = len(kept), len(kept) - len(rows)
        times = [one[0] for one in kept[self.oldest :]]
        self.answered = bytearray().join(
            [self.pack(time, *row) for time, row in zip(times, rows, strict=True)]
        )

    def expire_some(self, number: int, recent: int, oldest: int) -> None:
        """Forget up to so many rows of events before `recent`, and so many ids of events before `oldest`."""
        gone = self._gone(number, recent)
        del self.answered[: gone * self._size]
        self.oldest += gone
        ids, arrived = self.ids, self.arrived
        for name in list(islice(arrived, number)):
            if ids.get(name, _GONE)[0] >= oldest:
                break
            arrived.popleft()
            ids.pop(name, None)

    def _gone(self, number: int, recent: int) -> int:
        """How many of the first so many rows stand before the first one of an event at `recent` or later."""
        words = self._size // _WORD
        rows = min(number, self.rows)
        times = np.frombuffer(self.answered, np.int64, rows * words)[::words]
        kept = np.flatnonzero(times >= recent)
        return int(kept[0]) if kept.size else rows

    def expire(self, recent: int, oldest: int) -> None:
        """Forget every row of an event before `recent`, and every id of an event before `oldest`."""
        self.ids = {name: kept for name, kept in self.ids.items() if kept[0] >= oldest}
        self.arrived = deque(sorted(self.ids, key=lambda name: self.ids[name][4]))
        self.expire_some(self.rows, recent, oldest)
