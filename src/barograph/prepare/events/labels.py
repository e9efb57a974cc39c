"""The labels of one counterparty, live: how many were known, and how many were frauds, in each risk window.

A label of an event at s, known at k, is in window w at times t with ``enter < t <= due + w``, where
``due = s + delay`` and ``enter = max(k, due)``. Most labels are known when they are due: for those it takes
one sorted list of times. The others, the tardy ones, are gone through one by one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort

from barograph.prepare.events.history import NAN


class Labels:
    """Times at which labels fell due, of all and of frauds, and (enter, due, fraud) of tardy ones."""

    __slots__ = ("frauds", "known", "tardy")

    def __init__(self) -> None:
        self.known = array("q")
        self.frauds = array("q")
        self.tardy: list[tuple[int, int, bool]] = []

    def look(self, row: list[float], time: int, windows: tuple[int, ...]) -> None:
        """Append known, frauds and share of every window (microseconds, ascending) at a time."""
        known, frauds = self.known, self.frauds
        end, last = bisect_left(known, time), len(frauds)
        if last and frauds[-1] >= time:
            last = bisect_left(frauds, time)
        tardy = [one for one in self.tardy if one[0] < time] if self.tardy else ()
        for window in windows:
            since = time - window
            number = end - bisect_left(known, since, 0, end)
            found = last - bisect_left(frauds, since, 0, last) if last else 0
            for _, due, fraud in tardy:
                if due >= since:
                    number += 1
                    found += fraud
            row += (number, found, found / number if number else NAN)

    def add(self, enter: int, due: int, fraud: bool) -> None:
        """Take in a label."""
        if enter > due:
            self.tardy.append((enter, due, fraud))
            return
        insort(self.known, due)
        if fraud:
            insort(self.frauds, due)

    def remove(self, enter: int, due: int, fraud: bool) -> None:
        """Take back a label that `add` took in and `drop` has not forgotten."""
        if enter > due:
            self.tardy.remove((enter, due, fraud))
            return
        del self.known[bisect_left(self.known, due)]
        if fraud:
            del self.frauds[bisect_left(self.frauds, due)]

    def __len__(self) -> int:
        """Number of entries kept; a tardy one takes as much as eight."""
        return len(self.known) + len(self.frauds) + 8 * len(self.tardy)

    def drop(self, due: int) -> bool:
        """Forget labels that fell due before a time; whether none is left."""
        for values in (self.known, self.frauds):
            del values[: bisect_left(values, due)]
        if self.tardy:
            self.tardy = [one for one in self.tardy if one[1] >= due]
        return not (self.known or self.tardy)
