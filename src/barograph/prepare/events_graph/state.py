"""The live state: one transfer in, its features out.

Memory, measured in CPython 3.11: about 0.4 kB per live transfer and 1 kB per live account beside that. Live
is what lies within the longest window and the lateness; an account is forgotten with its last live transfer.
Per transfer within the lateness there is also its answer for a repeat, 8 bytes a feature and 0.3 kB.
"""

from __future__ import annotations

from collections import deque
from struct import Struct
from typing import NamedTuple

from barograph.core.fitted_graph import CENTS, SECOND, GraphPlan
from barograph.prepare.events_graph.columns import feature_names
from barograph.prepare.events_graph.graph import Graph
from barograph.prepare.events_graph.paths import PathFinder
from barograph.prepare.events_graph.row import row_of
from barograph.prepare.events_graph.transfers import Transfer

STATUSES = ("new", "late", "duplicate", "too_late", "bad_account", "bad_time", "bad_amount")
"""What became of a transfer; `new` and `late` were taken in, `duplicate` was answered as the first time."""

NEW, LATE, DUPLICATE, TOO_LATE, BAD_ACCOUNT, BAD_TIME, BAD_AMOUNT = range(len(STATUSES))

Row = tuple[float, ...]


class Answer(NamedTuple):
    """What a transfer is answered: its status (see `STATUSES`) and its features, none if refused."""

    status: str
    row: Row


class GraphState:
    """All that the features of the next transfer depend on; `prepare.events_graph` states the rules.

    Examples
    --------
    >>> state = GraphState(GraphPlan())
    >>> answer = state.update(Transfer("a", 1_700_000_000_000_000, "account 1", "account 2", 12.5))
    >>> answer.status, len(answer.row)
    ('new', 78)
    """

    def __init__(self, plan: GraphPlan) -> None:
        self.plan = plan
        self.graph = Graph()
        self.watermark = plan.earliest_time  # newest accepted time, µs
        self.counts = [0] * len(STATUSES)  # transfers by status
        self.rows: dict[str, tuple[int, bytes]] = {}  # of ids within the lateness: their time and answer
        self._arrived: deque[tuple[int, str]] = deque()  # times and ids of `rows` as they came
        self._lateness, self._widths = plan.lateness * SECOND, plan.widths
        self._earliest, self._latest = plan.earliest_time, plan.latest_time
        self._limit = plan.largest * CENTS
        self._paths = PathFinder(plan)
        self._struct = Struct(f"{len(feature_names(plan))}d")

    def judge(self, transfer: Transfer) -> int:
        """What `update` would make of a transfer: a place in `STATUSES`. Changes nothing."""
        event_id, time, source, target, amount = transfer
        oldest = self.watermark - self._lateness
        known = self.rows.get(event_id)
        if known is not None and known[0] >= oldest:
            return DUPLICATE
        if not source or not target:
            return BAD_ACCOUNT
        if not self._earliest <= time < self._latest:
            return BAD_TIME
        if not 0.0 <= amount * CENTS <= self._limit:
            return BAD_AMOUNT
        if time >= self.watermark:
            return NEW
        return LATE if time >= oldest else TOO_LATE

    def update(self, transfer: Transfer) -> Answer:
        """Take in one transfer and answer its features.

        Parameters
        ----------
        transfer : Transfer
            A name not seen before is a new account.

        Returns
        -------
        Answer
            The row is [F] as `feature_names`; empty where the transfer is refused, and then nothing has
            changed but `counts`.
        """
        status = self.judge(transfer)
        if status > LATE:
            self.counts[status] += 1
            known = self.rows[transfer.event_id][1] if status == DUPLICATE else b""
            return Answer(STATUSES[status], self._struct.unpack(known) if known else ())
        source, target = self.graph.account(transfer.source), self.graph.account(transfer.target)
        cents = round(transfer.amount * CENTS)
        row = row_of(self._paths, source, target, transfer.time, cents, self._widths)
        packed = self._struct.pack(*row)
        self.absorb(transfer, status, packed)
        return Answer(STATUSES[status], self._struct.unpack(packed))

    def absorb(self, transfer: Transfer, status: int, packed: bytes) -> None:
        """Take in a transfer judged `NEW` or `LATE` with the row that it was answered, as float64 bytes."""
        event_id, time, source, target, amount = transfer
        self.counts[status] += 1
        self.watermark = max(self.watermark, time)
        self.graph.add(time, source, target, round(amount * CENTS))
        self.remember(event_id, time, packed)
        oldest = self.watermark - self._lateness
        while self._arrived and self._arrived[0][0] < oldest:
            gone, gone_id = self._arrived.popleft()
            if self.rows[gone_id][0] == gone:  # else the id came again, with a newer time
                del self.rows[gone_id]
        self.graph.drop_before(oldest - self._widths[-1])

    def remember(self, event_id: str, time: int, packed: bytes) -> None:
        """Keep an answer for as long as its transfer may come again."""
        self.rows[event_id] = (time, packed)
        self._arrived.append((time, event_id))
