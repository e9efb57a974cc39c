"""What an account sent and received, in order of time, and sums and degrees over windows of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

Windows = list[int]
"""One whole number per window."""


class Side:
    """Transfers of one account in one direction, ascending in time; µs and cents.

    `met` holds for each partner the time of the latest transfer among the first `n_met`, and `latest` the
    same times sorted: the number of partners since an instant is then one search away. Transfers are met
    only when a later one asks, so equal timestamps cost nothing. `known` counts the transfers with each
    partner, met or not: whether two sides have a partner in common is then seen at once.
    """

    __slots__ = ("before", "cents", "known", "latest", "met", "n_met", "partners", "times")

    def __init__(self) -> None:
        self.times: list[int] = []
        self.partners: list[Account] = []
        self.cents: list[int] = []
        self.before: list[int] = [0]  # cents up to each transfer; one longer than the others
        self.known: dict[Account, int] = {}
        self.met: dict[Account, int] = {}
        self.latest: list[int] = []
        self.n_met = 0

    def add(self, time: int, partner: Account, cents: int) -> None:
        """Take in a transfer, late or not."""
        self.known[partner] = self.known.get(partner, 0) + 1
        if not self.times or time >= self.times[-1]:
            self.times.append(time)
            self.partners.append(partner)
            self.cents.append(cents)
            self.before.append(self.before[-1] + cents)
            return
        place = bisect_right(self.times, time)
        self.times.insert(place, time)
        self.partners.insert(place, partner)
        self.cents.insert(place, cents)
        self.before[place + 1 :] = [sum_ + cents for sum_ in self.before[place:]]
        if place < self.n_met:
            self.n_met += 1
            self._meet(partner, time)

    def drop_before(self, time: int) -> None:
        """Forget what is older, once it is a quarter of all: so a transfer costs the same in any account."""
        n = bisect_left(self.times, time)
        if 4 * n < len(self.times):
            return
        for partner in self.partners[: min(n, self.n_met)]:
            if self.met.get(partner, time) < time:
                del self.met[partner]
        for partner in self.partners[:n]:
            left = self.known[partner] - 1
            if left:
                self.known[partner] = left
            else:
                del self.known[partner]
        del self.times[:n], self.partners[:n], self.cents[:n], self.before[:n]
        del self.latest[: bisect_left(self.latest, time)]
        self.n_met = max(self.n_met - n, 0)

    def figures(self, time: int, widths: Sequence[int]) -> tuple[Windows, Windows, Windows]:
        """Count, sum in cents and distinct partners of what came before `time`, per window."""
        times, before = self.times, self.before
        end = bisect_left(times, time)
        if not end:
            none = [0] * len(widths)
            return none, none, none
        starts = [bisect_left(times, time - width, 0, end) for width in widths]
        counts = [end - start for start in starts]
        sums = [before[end] - before[start] for start in starts]
        if self._all_met(end):
            n, latest = len(self.latest), self.latest
            return counts, sums, [n - bisect_left(latest, time - width) for width in widths]
        return counts, sums, [len(set(self.partners[start:end])) for start in starts]

    def with_partner(self, partner: Account, time: int, widths: Sequence[int]) -> tuple[Windows, int]:
        """Transfers with one partner before `time` per window, and the time of the last one or -1."""
        times, end = self.times, bisect_left(self.times, time)
        oldest = time - widths[-1]
        if self._all_met(end) and self.met.get(partner, oldest - 1) < oldest:
            return [0] * len(widths), -1
        start = bisect_left(times, oldest, 0, end)
        own = [times[i] for i in range(start, end) if self.partners[i] is partner]
        counts = [len(own) - bisect_left(own, time - width) for width in widths]
        return counts, own[-1] if own else -1

    def followed(self, time: int, width: int, fan: int) -> tuple[int, int]:
        """First and last + 1 of the transfers before `time` that a path may take (see `feature_names`)."""
        times = self.times
        end = len(times)
        if not end:
            return 0, 0
        if times[-1] >= time:
            end = bisect_left(times, time)
        start = 0 if times[0] >= time - width else bisect_left(times, time - width, 0, end)
        if end - start > fan:
            start = end - fan
            if times[start - 1] == times[start]:
                start = bisect_right(times, times[start], start, end)
        return start, end

    def _all_met(self, end: int) -> bool:
        """Meet transfers up to `end`; False if later ones were met already, as when a late one asks."""
        for i in range(self.n_met, end):
            self._meet(self.partners[i], self.times[i])
        self.n_met = max(self.n_met, end)
        return self.n_met == end

    def _meet(self, partner: Account, time: int) -> None:
        old = self.met.get(partner)
        if old is not None:
            if time <= old:
                return
            del self.latest[bisect_left(self.latest, old)]
        self.met[partner] = time
        insort(self.latest, time)


NOTHING = Side()
"""The side of every account that has sent, or received, nothing; never added to."""


class Account:
    """An account with what it sent and what it received; compared by identity."""

    __slots__ = ("name", "received", "sent")

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent = NOTHING
        self.received = NOTHING
