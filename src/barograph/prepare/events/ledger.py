"""The events that a label or a duplicate may still name, by id, and what they were answered."""

from __future__ import annotations

from collections import deque

Kept = tuple[int, str, int, int]
"""Of an event: its time, its counterparty, its label (-1: not known) and when that became known."""

_GONE: Kept = (-(2**63), "", -1, 0)


class Ledger:
    """Ids with what is kept of each event, and the packed rows of the newer ones."""

    __slots__ = ("answered", "arrived", "ids", "rows")

    def __init__(self) -> None:
        self.ids: dict[str, Kept] = {}
        self.rows: dict[str, bytes] = {}
        self.arrived: deque[str] = deque()  # ids in order of arrival
        self.answered: deque[str] = deque()  # those that may still have rows

    def keep(self, event_id: str, time: int, counterparty: str, row: bytes) -> None:
        """Remember an event that was taken in."""
        self.ids[event_id] = (time, counterparty, -1, 0)
        self.rows[event_id] = row
        self.arrived.append(event_id)
        self.answered.append(event_id)

    def expire_some(self, number: int, recent: int, oldest: int) -> None:
        """Forget up to so many rows of events before `recent`, and so many ids of events before `oldest`."""
        ids, rows = self.ids, self.rows
        for _ in range(number):
            if not self.answered or ids.get(self.answered[0], _GONE)[0] >= recent:
                break
            rows.pop(self.answered.popleft(), None)
        for _ in range(number):
            if not self.arrived or ids.get(self.arrived[0], _GONE)[0] >= oldest:
                break
            ids.pop(self.arrived.popleft(), None)

    def expire(self, recent: int, oldest: int) -> None:
        """Forget every row of an event before `recent`, and every id of an event before `oldest`."""
        self.ids = {name: kept for name, kept in self.ids.items() if kept[0] >= oldest}
        self.rows = {name: self.rows[name] for name, kept in self.ids.items() if kept[0] >= recent}
        self.arrived, self.answered = deque(self.ids), deque(self.rows)
