"""What a transfer would complete: temporal cycles, scatter-gather, money passed on in a similar amount.

With a fan of f the work for one transfer is bounded: f² transfers are looked at for cycles, f² for
scatter-gather.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from barograph.core.fitted_graph import GraphPlan
from barograph.prepare.events_graph.account import NOTHING, Account, Side, Windows

NEVER = -(2**63)
"""Before every window."""


class PathFigures(NamedTuple):
    """Per window; see `feature_names`."""

    cycles_3: Windows
    cycles_4: Windows
    scatter_gather: Windows
    similar_in: int  # time in µs, -1 where there is none


class PathFinder:
    """Finds the paths that a transfer would complete, from what came before it."""

    __slots__ = ("_cap", "_fan", "_longest", "_none", "_similar", "_widths")

    def __init__(self, plan: GraphPlan) -> None:
        self._widths = plan.widths
        self._longest = plan.widths[-1]
        self._fan, self._cap, self._similar = plan.fan, plan.cap, plan.similar
        self._none: Windows = [0] * len(plan.widths)

    def figures(self, source: Account, target: Account, time: int, cents: int) -> PathFigures:
        """Of a transfer source → target that is not yet in the graph."""
        if source.received is NOTHING:
            return PathFigures(self._none, self._none, self._none, -1)
        similar = self._similar_in(source, time, cents)
        if source is target:
            return PathFigures(self._none, self._none, self._none, similar)
        three, four = self._cycles(source, target, time)
        return PathFigures(three, four, self._scatter_gather(source, target, time), similar)

    def _similar_in(self, source: Account, time: int, cents: int) -> int:
        side = source.received
        start, end = side.followed(time, self._longest, self._fan)
        margin = self._similar * cents
        for i in range(end - 1, start - 1, -1):
            if abs(side.cents[i] - cents) <= margin:
                return side.times[i]
        return -1

    def _cycles(self, source: Account, target: Account, time: int) -> tuple[Windows, Windows]:
        """Chains target → a → source and target → a → b → source, per window of their first transfer."""
        firsts = self._by_partner(target.sent, time)
        firsts.pop(source, None)
        if not firsts:
            return self._none, self._none
        lasts = self._by_partner(source.received, time)
        lasts.pop(target, None)
        if not lasts:
            return self._none, self._none
        three, four = [0] * len(self._widths), [0] * len(self._widths)
        for a, starts in firsts.items():
            for end in lasts.get(a, ()):
                self._count(three, starts, end, 1, time)
            side = a.sent
            if lasts.keys().isdisjoint(side.known.keys()):
                continue
            begin, stop = side.followed(time, self._longest, self._fan)
            begin = bisect_right(side.times, starts[0], begin, stop)
            if lasts.keys().isdisjoint(side.partners[begin:stop]):
                continue
            for i in range(begin, stop):
                ends = lasts.get(side.partners[i])
                if ends:
                    n = len(ends) - bisect_right(ends, side.times[i])
                    self._count(four, starts, side.times[i], n, time)
        return [min(n, self._cap) for n in three], [min(n, self._cap) for n in four]

    def _count(self, into: Windows, starts: Sequence[int], end: int, n: int, time: int) -> None:
        """Add n for each start before `end` that lies in the window."""
        earlier = bisect_left(starts, end)
        for k, width in enumerate(self._widths):
            into[k] += n * max(earlier - bisect_left(starts, time - width), 0)

    def _scatter_gather(self, source: Account, target: Account, time: int) -> Windows:
        """Most accounts that one origin paid and that then paid the target, the source among them."""
        origins = self._last_by_partner(source.received, time)
        origins.pop(target, None)
        middlemen = self._last_by_partner(target.received, time)
        middlemen.pop(source, None)
        beside: dict[Account, list[int]] = {}  # per origin, when it paid each middleman, in time to pass on
        for m, passed_on in middlemen.items():
            side = m.received
            if origins.keys().isdisjoint(side.known.keys()):
                continue
            begin, stop = side.followed(time, self._longest, self._fan)
            stop = bisect_left(side.times, passed_on, begin, stop)
            if origins.keys().isdisjoint(side.partners[begin:stop]):
                continue
            paid = dict(zip(side.partners[begin:stop], side.times[begin:stop], strict=True))
            for origin in origins.keys() & paid.keys():
                beside.setdefault(origin, []).append(paid[origin])
        newest = max(origins.values(), default=NEVER)
        most = [int(newest >= time - width) for width in self._widths]
        for origin, times in beside.items():
            for k, width in enumerate(self._widths):
                if origins[origin] >= time - width:
                    most[k] = max(most[k], 1 + sum(paid_at >= time - width for paid_at in times))
        return most

    def _by_partner(self, side: Side, time: int) -> dict[Account, list[int]]:
        """Times of the followed transfers, ascending, by partner."""
        begin, stop = side.followed(time, self._longest, self._fan)
        times: dict[Account, list[int]] = {}
        for i in range(begin, stop):
            times.setdefault(side.partners[i], []).append(side.times[i])
        return times

    def _last_by_partner(self, side: Side, time: int) -> dict[Account, int]:
        """Time of the last followed transfer, by partner."""
        begin, stop = side.followed(time, self._longest, self._fan)
        return dict(zip(side.partners[begin:stop], side.times[begin:stop], strict=True))
