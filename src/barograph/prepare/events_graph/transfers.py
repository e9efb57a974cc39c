"""Transfers as the graph reads them, one or a table: whole µs, whole cents, two named accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from barograph.core.arrays import BoolArray, IntArray
from barograph.core.errors import DataError
from barograph.core.event_table import Events
from barograph.core.fitted_graph import CENTS, GraphPlan


class Transfer(NamedTuple):
    """One transfer, as it arrives."""

    event_id: str
    time: int  # microseconds since 1970-01-01 UTC
    source: str  # who pays; "" where that is not known
    target: str  # who receives; "" where that is not known
    amount: float  # money units


@dataclass(frozen=True, slots=True, eq=False)
class Transfers:
    """A table of transfers in order of arrival; accounts are codes into `names`, whose last is nobody."""

    ids: list[str]
    time: IntArray  # [n] µs since 1970, UTC
    source: IntArray  # [n]
    target: IntArray  # [n]
    cents: IntArray  # [n] 0 where the amount is refused
    fit: BoolArray  # [n] accounts, time and amount are such that no rule but lateness can refuse it
    names: list[str]

    @property
    def in_order(self) -> bool:
        """Whether no id repeats and, of those that are fit, none is behind an earlier one."""
        time = self.time[self.fit]
        return bool(np.all(time[1:] >= time[:-1])) and len(set(self.ids)) == len(self.ids)

    def take(self, rows: BoolArray) -> Transfers:
        """Some of the transfers."""
        return Transfers(
            ids=[self.ids[i] for i in np.flatnonzero(rows)],
            time=self.time[rows],
            source=self.source[rows],
            target=self.target[rows],
            cents=self.cents[rows],
            fit=self.fit[rows],
            names=self.names,
        )

    def numbers(self) -> Iterator[tuple[int, int, int, int]]:
        """Time, source, target and cents of each."""
        columns = (self.time, self.source, self.target, self.cents)
        return zip(*(column.tolist() for column in columns), strict=True)


def transfers_of(events: Events, plan: GraphPlan) -> Transfers:
    """Read a table of events between accounts.

    Parameters
    ----------
    events : Events
        `actors` and `counterparties` are the same list of accounts; a code outside it is nobody.
    plan : GraphPlan

    Returns
    -------
    Transfers

    Raises
    ------
    DataError
        If the two lists of accounts differ.
    """
    if not np.array_equal(events.actors, events.counterparties):
        raise DataError(
            "graph features need a network: payers and receivers are named from one list of accounts",
            came=f"{len(events.actors)} actors and {len(events.counterparties)} counterparties that differ",
            do="Code both columns into one list, or use the features of cards and terminals",
        )
    names = [*(str(one) for one in events.actors.tolist()), ""]
    source, target = (_known(code, len(names) - 1) for code in (events.actor, events.counterparty))
    time = events.time.astype("datetime64[us]").astype(np.int64)  # NaT is the smallest number
    scaled = np.asarray(events.amount, dtype=np.float64) * CENTS
    fit = (scaled >= 0.0) & (scaled <= plan.largest * CENTS)
    cents = np.rint(np.where(fit, scaled, 0.0)).astype(np.int64)
    named = np.array([name != "" for name in names])
    fit &= (time >= plan.earliest_time) & (time < plan.latest_time) & named[source] & named[target]
    return Transfers(events.event_id.tolist(), time, source, target, cents, fit, names)


def each_transfer(events: Events, plan: GraphPlan) -> Iterator[Transfer]:
    """The rows of a table, as they would have arrived one at a time."""
    table = transfers_of(events, plan)
    amounts, names = events.amount.tolist(), table.names
    for event_id, (time, source, target, _), amount in zip(table.ids, table.numbers(), amounts, strict=True):
        yield Transfer(event_id, time, names[source], names[target], amount)


def _known(code: IntArray, nobody: int) -> IntArray:
    return np.where((code >= 0) & (code < nobody), code, nobody).astype(np.int64)
