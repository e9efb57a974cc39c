"""Counts, sums, degrees and ages of a whole table at once, when none of its transfers is late.

A transfer at s counts in a window w for every t with s < t <= s + w; a partner counts from its transfer
until s + w or its next transfer, whichever is first. So every figure is a number of beginnings before t
less a number of ends before t: two searches in sorted keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_graph import CENTS, SECOND
from barograph.prepare.events_graph.transfers import Transfers


class Clock:
    """Instants of the table as ranks, so that a group and an instant make one sortable number."""

    def __init__(self, time: IntArray) -> None:
        self._instants, self.rank = np.unique(time, return_inverse=True)

    def keys(self, group: IntArray, time: IntArray) -> IntArray:
        """Sorts by group, then by the first instant of the table that is after `time`."""
        after = np.searchsorted(self._instants, time, side="right")
        return np.asarray(group * (len(self._instants) + 1) + after, dtype=np.int64)

    def asked(self, group: IntArray) -> Asked:
        """Each row's own instant in a group; keys up to it belong to earlier times."""
        key = group * (len(self._instants) + 1) + self.rank
        order = np.argsort(key, kind="stable")
        return Asked(key[order], order)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Questions in sorted order, as searches run fastest in that."""

    key: IntArray  # [n] ascending
    order: IntArray  # [n] row of each

    def place(self, keys: IntArray) -> IntArray:
        """Number of sorted keys at or before each row's question, [n]."""
        found = np.empty(self.order.shape[0], dtype=np.int64)
        found[self.order] = np.searchsorted(keys, self.key, side="right")
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """What one side of the accounts moved in a window, [n] each."""

    count: IntArray
    cents: IntArray
    degree: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Transfers in the order of their groups, and in a group by time."""

    group: IntArray  # [m]
    time: IntArray  # [m] µs
    summed: IntArray  # [m + 1] cents of those before each
    until: IntArray  # [m] time of the next transfer between the same two accounts
    clock: Clock

    def figures(self, questions: Sequence[Asked], width: int) -> list[Flow]:
        """What lies in a window before each question."""
        begin, end = self.clock.keys(self.group, self.time), self.clock.keys(self.group, self.time + width)
        left = np.sort(self.clock.keys(self.group, np.minimum(self.time + width, self.until)))
        flows = []
        for asked in questions:
            begun, ended = asked.place(begin), asked.place(end)
            cents = self.summed[begun] - self.summed[ended]
            flows.append(Flow(begun - ended, cents, begun - asked.place(left)))
        return flows

    def counts(self, asked: Asked, width: int) -> tuple[IntArray, IntArray]:
        """Transfers in a window before each question, and the time of the last (-1: none), [n] each."""
        begun = asked.place(self.clock.keys(self.group, self.time))
        count = begun - asked.place(self.clock.keys(self.group, self.time + width))
        last = np.append(self.time, -1)[np.where(count > 0, begun - 1, -1)]
        return count, last


def entries_of(transfers: Transfers, group: IntArray, pair: IntArray, clock: Clock) -> Entries:
    """Transfers between different accounts, grouped."""
    rows = np.flatnonzero(transfers.source != transfers.target)
    by_pair = rows[np.argsort(pair[rows], kind="stable")]
    until = np.full(transfers.time.shape[0], np.iinfo(np.int64).max)
    again = pair[by_pair[1:]] == pair[by_pair[:-1]]
    until[by_pair[:-1][again]] = transfers.time[by_pair[1:][again]]
    rows = rows[np.argsort(group[rows], kind="stable")]
    summed = np.concatenate([[0], np.cumsum(transfers.cents[rows])])
    return Entries(group[rows], transfers.time[rows], summed, until[rows], clock)


@dataclass(frozen=True, slots=True, eq=False)
class FlowTables:
    """What the columns of flows are read from."""

    source: Asked
    target: Asked
    pair: Asked
    reciprocal: Asked
    sent: Entries
    received: Entries
    between: Entries


def flow_tables(transfers: Transfers) -> FlowTables:
    """Sort a table of transfers, none of which is late, by account and by pair of accounts."""
    clock = Clock(transfers.time)
    source, target, n = transfers.source, transfers.target, transfers.time.shape[0]
    both = np.concatenate([source * len(transfers.names) + target, target * len(transfers.names) + source])
    pairs = np.unique(both, return_inverse=True)[1].astype(np.int64)
    pair, reverse = pairs[:n], pairs[n:]
    return FlowTables(
        source=clock.asked(source),
        target=clock.asked(target),
        pair=clock.asked(pair),
        reciprocal=clock.asked(reverse),
        sent=entries_of(transfers, source, pair, clock),
        received=entries_of(transfers, target, pair, clock),
        between=entries_of(transfers, pair, pair, clock),
    )


def window_columns(tables: FlowTables, width: int) -> Iterator[FloatArray]:
    """The columns of flows and pairs of one window, in the order of `feature_names`; width in µs."""
    roles = (tables.source, tables.target)
    sent, received = tables.sent.figures(roles, width), tables.received.figures(roles, width)
    for sides in zip(sent, received, strict=True):
        for side in sides:
            yield side.count.astype(np.float64)
            yield side.cents.astype(np.float64) / CENTS
            yield side.degree.astype(np.float64)
            yield _ratio(side.degree, side.count)
        yield _ratio(sides[0].cents, sides[1].cents)
    pair, _ = tables.between.counts(tables.pair, width)
    reciprocal, _ = tables.between.counts(tables.reciprocal, width)
    yield pair.astype(np.float64)
    yield reciprocal.astype(np.float64)
    yield np.minimum(received[0].degree, sent[0].degree + (pair == 0)).astype(np.float64)


def pair_ages(tables: FlowTables, time: IntArray, width: int) -> Iterator[FloatArray]:
    """Seconds since the last transfer source → target, then target → source; NaN where there is none."""
    for asked in (tables.pair, tables.reciprocal):
        yield ages(time, tables.between.counts(asked, width)[1])


def ages(time: IntArray, last: IntArray) -> FloatArray:
    """Seconds from `last` to `time`, µs; NaN where `last` is -1."""
    return np.where(last >= 0, (time - last).astype(np.float64) / SECOND, np.nan)


def _ratio(part: IntArray, whole: IntArray) -> FloatArray:
    """NaN where the whole is 0."""
    share = part.astype(np.float64) / np.maximum(whole, 1).astype(np.float64)
    return np.where(whole > 0, share, np.nan)
