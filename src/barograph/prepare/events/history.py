"""The recent events of one key, live: exact counts, sums, recency and median before any moment."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from itertools import accumulate
from operator import sub

from barograph.core.fitted_events import CENTS, SECOND

NAN = math.nan
_NOTHING = (0.0, 0.0, NAN)
"""Count, sum and mean of no events."""

REBASE = 2**61
"""Sums of one key's cents start again from 0 beyond this, so that they fit into 64 bits for ever."""


class History:
    """Times and amounts of one key, in order of time, then of amount.

    `times[i]` is in microseconds and ``prefix[i + 1] - prefix[i]`` the amount in cents, so that any window is
    two look-ups. `marks` has for each window a place before which nothing lies in it any more, whatever is
    asked after the last event: it only moves forward, so that a question costs the same however long the
    window. `ordered` holds the sorted amounts of events `low` to `high`, the longest window of the newest
    question, and moves along with it; a late event inside drops it, and it is built anew.
    """

    __slots__ = ("high", "low", "marks", "ordered", "prefix", "times")

    def __init__(self, times: Iterable[int] = (), cents: Iterable[int] = ()) -> None:
        self.times = array("q", times)
        self.prefix = array("q", accumulate(cents, initial=0))
        self.marks: list[int] = []
        self.ordered: array[int] | None = None
        self.low = self.high = 0

    def look(
        self, row: list[float], time: int, cents: int, windows: tuple[int, ...], most: int
    ) -> tuple[int, int]:
        """Append the features of this key at a time; answers the events of the longest window, from and to.

        `windows` are microseconds, ascending, and the same at every call.
        """
        times, prefix, marks = self.times, self.prefix, self.marks
        high = len(times)
        latest = times[-1] if high else time
        if latest >= time or high > most or not marks:
            return self._look_up(row, time, cents, windows, most)
        total, low = prefix[-1], high
        for place, window in enumerate(windows):
            since = time - window
            if latest < since:
                row += _NOTHING
            else:
                low = marks[place]
                if times[low] < since:
                    low += 1
                    if times[low] < since:
                        low = bisect_left(times, since, low + 1, high)
                    marks[place] = low
                count, money = high - low, total - prefix[low]
                row += (count, money / CENTS, money / (CENTS * count))
        if low == high:
            row += (NAN, NAN)
        else:
            middle = self.median(low, high)
            row += ((time - latest) / SECOND, cents / middle if middle > 0 else NAN)
        return low, high

    def _look_up(
        self, row: list[float], time: int, cents: int, windows: tuple[int, ...], most: int
    ) -> tuple[int, int]:
        """`look` at any time, whatever is kept: every window is looked for."""
        times, prefix = self.times, self.prefix
        if not self.marks:
            self.marks = [0] * len(windows)
        high = bisect_left(times, time)
        floor = bisect_right(times, times[high - most - 1]) if high > most else 0
        low, total = high, prefix[high]
        for window in windows:
            low = bisect_left(times, time - window, floor, low)
            count, money = high - low, total - prefix[low]
            row += (count, money / CENTS, money / (CENTS * count)) if count else _NOTHING
        if low == high:
            row += (NAN, NAN)
        else:
            middle = self.median(low, high)
            row += ((time - times[high - 1]) / SECOND, cents / middle if middle > 0 else NAN)
        return low, high

    def span(self, time: int, lookback: int, most: int) -> tuple[int, int]:
        """The events of the longest window before a time, from and to, as `look` answers them."""
        high = bisect_left(self.times, time)
        floor = bisect_right(self.times, self.times[high - most - 1]) if high > most else 0
        return bisect_left(self.times, time - lookback, min(floor, high), high), high

    def median(self, low: int, high: int) -> float:
        """Median amount in cents of the events from `low` to before `high`, at least one."""
        number, prefix = high - low, self.prefix
        if number <= 2:
            return (prefix[high] - prefix[low]) / number
        ordered, kept = self.ordered, self.low
        if ordered is None or self.high != high or not kept <= low:
            ordered = self._ordered(low, high)
        elif kept < low:
            while kept < low:
                kept += 1
                del ordered[bisect_left(ordered, prefix[kept] - prefix[kept - 1])]
            self.low = low
        half = number >> 1
        return ordered[half] if number & 1 else 0.5 * (ordered[half - 1] + ordered[half])

    def _ordered(self, low: int, high: int) -> array[int]:
        """The sorted amounts of a range of events; kept if no newer range was asked for."""
        prefix, ordered, kept_low, kept_high = self.prefix, self.ordered, self.low, self.high
        if ordered is None or low < kept_low or high < kept_high or low >= kept_high:
            fresh = array("q", sorted(map(sub, prefix[low + 1 : high + 1], prefix[low:high])))
            if high >= kept_high:
                self.ordered, self.low, self.high = fresh, low, high
            return fresh
        for place in range(kept_high, high):
            insort(ordered, prefix[place + 1] - prefix[place])
        for place in range(kept_low, low):
            del ordered[bisect_left(ordered, prefix[place + 1] - prefix[place])]
        self.low, self.high = low, high
        return ordered

    def cents(self) -> array[int]:
        """The amounts in cents."""
        return array("q", map(sub, self.prefix[1:], self.prefix))

    def append(self, time: int, cents: int) -> int:
        """Take in one event later than all; answers its place."""
        times, prefix = self.times, self.prefix
        place = len(times)
        times.append(time)
        prefix.append(prefix[-1] + cents)
        if self.high == place and self.ordered is not None:
            insort(self.ordered, cents)
            self.high = place + 1
        return place

    def insert(self, time: int, cents: int) -> int:
        """Take in one event; answers its place."""
        times, prefix = self.times, self.prefix
        if not times or time > times[-1]:
            return self.append(time, cents)
        place = bisect_right(times, time)
        while place and times[place - 1] == time and prefix[place] - prefix[place - 1] > cents:
            place -= 1
        times.insert(place, time)
        prefix.insert(place, prefix[place])
        for later in range(place + 1, len(prefix)):
            prefix[later] += cents
        if place < self.high:
            self.ordered, self.low, self.high = None, 0, 0
        self.marks = [min(mark, place) for mark in self.marks]
        return place

    def expired(self, now: int, lookback: int, most: int) -> int:
        """How many of the oldest events no question at `now` or later can reach."""
        times = self.times
        if not times or (times[0] >= now - lookback and len(times) <= most):
            return 0
        gone = bisect_left(times, now - lookback)
        high = bisect_left(times, now, gone)
        return bisect_right(times, times[high - most - 1]) if high - gone > most else gone

    def drop(self, count: int) -> None:
        """Forget the oldest events."""
        del self.times[:count], self.prefix[:count]
        self.marks = [max(mark - count, 0) for mark in self.marks]
        if self.ordered is not None and self.low >= count:
            self.low, self.high = self.low - count, self.high - count
        else:
            self.ordered, self.low, self.high = None, 0, 0
        base = self.prefix[0]
        if abs(base) > REBASE:
            self.prefix = array("q", (one - base for one in self.prefix))
