"""Live event features: one event in, its features out, in bounded memory.

What is kept is bounded by what may still be asked: the events of each key within the longest window and the
lateness (before that lateness, `plan.most` of them at most), ids within `plan.memory`, rows of features
within the lateness, labels within the risk windows; `memory.bytes_at_most` says how much that is. Expired
things are forgotten a few at a time, some keys in turn, so that no event waits for it.
"""

from __future__ import annotations

from struct import Struct
from sys import intern

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.fitted_events import CENTS, SECOND, EventPlan
from barograph.prepare.events.history import NAN, History
from barograph.prepare.events.keys import UNKNOWN, Actor, Counterparty
from barograph.prepare.events.labels import Labels
from barograph.prepare.events.ledger import Kept, Ledger
from barograph.prepare.events.messages import (
    BAD_KNOWN_AT,
    CORRECTED,
    LABEL_STATUSES,
    LEARNED,
    REPEATED,
    UNKNOWN_ID,
    Answer,
    Event,
    Row,
)
from barograph.prepare.events.names import (
    BAD_AMOUNT,
    BAD_TIME,
    DUPLICATE,
    LATE,
    NEW,
    STATUSES,
    TOO_LATE,
    USED_ID,
    feature_names,
)
from barograph.prepare.events.own import MINUTE, WEEK_MINUTES, log_amount, week

EXPIRE_EVERY = 16
"""Events after which the state forgets some of what has expired."""

SWEEP_EVERY = 4
"""Events per key that is then looked at; a new key has two more looked at, so that keys cannot pile up."""


class EventState:
    """All that the features of the next event depend on; `prepare.events` states the rules.

    Examples
    --------
    >>> state = EventState(EventPlan())
    >>> answer = state.update(Event("a", 1_700_000_000_000_000, "card 1", "shop 1", 12.5))
    >>> answer.status, answer.row[0]
    ('new', 12.5)
    """

    def __init__(self, plan: EventPlan) -> None:
        self.plan = plan
        self.watermark = plan.earliest_time  # newest accepted time, microseconds
        self.latest = plan.latest_time  # first time that is refused; a service moves it with its clock
        self.counts = [0] * len(STATUSES)  # events by status
        self.label_counts = [0] * len(LABEL_STATUSES)
        self.actors: dict[str, Actor] = {}
        self.counterparties: dict[str, Counterparty] = {}
        self.ledger = Ledger()
        self._due = 0  # events since something was last forgotten, and 2 * SWEEP_EVERY for each new key
        self._pending: list[str] = []  # keys still to be looked at
        self._of_actors = False  # whether those are actors
        self._settle(plan)

    def _settle(self, plan: EventPlan) -> None:
        """The plan in the units of the inner loop."""
        self._earliest = plan.earliest_time
        self._limit = plan.largest * CENTS
        self._lateness, self._delay = plan.lateness * SECOND, plan.delay * SECOND
        self._memory, self._lookback, self._most = plan.memory, plan.lookback, plan.most
        self._windows = tuple(one * SECOND for one in plan.windows)
        self._risk_windows = tuple(one * SECOND for one in plan.risk_windows)
        self._longest_risk = max(self._risk_windows, default=0)
        self._by_actor, self._by_other = "actor" in plan.keys, "counterparty" in plan.keys
        self._week = week(plan.utc_offset, plan.night_ends)
        self._no_risk = (0.0, 0.0, NAN) * len(plan.risk_windows)
        self.width = len(feature_names(plan))
        self._row_format = Struct(f"{self.width}d")

    @property
    def recent(self) -> int:
        """The earliest time that an event may still arrive with, microseconds."""
        return self.watermark - self._lateness

    def judge(self, event: Event) -> int:
        """What `update` would make of an event: a place in `names.STATUSES`. Changes nothing."""
        event_id, time, _, _, amount = event
        kept = self.ledger.ids.get(event_id)
        if kept is not None and kept[0] >= self.watermark - self._memory:
            return DUPLICATE if kept[0] >= self.watermark - self._lateness else USED_ID
        if not self._earliest <= time < self.latest:
            return BAD_TIME
        if not -self._limit <= amount * CENTS <= self._limit:
            return BAD_AMOUNT
        if time >= self.watermark:
            return NEW
        return LATE if time >= self.watermark - self._lateness else TOO_LATE

    def update(self, event: Event) -> Answer:
        """Take in one event and answer its features.

        Parameters
        ----------
        event : Event

        Returns
        -------
        Answer
            The row is [F] as `feature_names`; empty where the event is refused, and then nothing has changed
            but `counts`.
        """
        status = self.judge(event)
        self.counts[status] += 1
        if status > LATE:
            known = status == DUPLICATE
            return Answer(
                STATUSES[status],
                self._row_format.unpack(self.ledger.rows[event.event_id]) if known else (),
            )
        event_id, time, name, other_name, amount = event
        cents, other_name = round(amount * CENTS), intern(other_name)
        actor = self._actor(name) if self._by_actor else None
        other = self.counterparties.get(other_name)
        row = self._row(time, cents, actor, other, other_name)
        if actor is not None:
            actor.insert(time, cents, other_name, self._share(row))
        if other_name and self._by_other:
            (other or self._counterparty(other_name)).history.insert(time, cents)
        self.ledger.keep(event_id, time, other_name, self._row_format.pack(*row))
        if time > self.watermark:
            self.watermark = time
        self._due += 1
        if self._due >= EXPIRE_EVERY:
            self._expire_some()
        return Answer(STATUSES[status], tuple(row))

    def _row(
        self, time: int, cents: int, actor: Actor | None, other: Counterparty | None, other_name: str
    ) -> list[float]:
        """The features before the event is taken in."""
        row = [cents / CENTS, log_amount(cents), *self._week[time // MINUTE % WEEK_MINUTES]]
        low = high = 0
        if actor is not None:
            low, high = actor.history.look(row, time, cents, self._windows, self._most)
        if not other_name:
            row += (NAN,) * (self.width - len(row))
            return row
        if self._by_other:
            history = _EMPTY if other is None else other.history
            history.look(row, time, cents, self._windows, self._most)
        if self.plan.new_counterparty and actor is not None:
            row.append(0.0 if actor.met(other_name, time, low, high) else 1.0)
        if other is None or other.labels is None:
            row += self._no_risk
        else:
            other.labels.look(row, time, self._risk_windows)
        return row

    def _share(self, row: list[float] | Row) -> float:
        """The risk share of the longest risk window, as actors keep it."""
        share = row[-1] if self._risk_windows else NAN
        return share if share == share else UNKNOWN

    def _actor(self, name: str) -> Actor:
        actor = self.actors.get(name)
        if actor is None:
            actor = self.actors[name] = Actor(History())
            self._due += 2 * SWEEP_EVERY
        return actor

    def _counterparty(self, name: str) -> Counterparty:
        other = self.counterparties.get(name)
        if other is None:
            other = self.counterparties[name] = Counterparty(History())
            self._due += 2 * SWEEP_EVERY
        return other

    def _expire_some(self) -> None:
        """Forget up to twice as much as has come since the last time, so that what has expired runs out."""
        self.ledger.expire_some(2 * EXPIRE_EVERY, self.recent, self.watermark - self._memory)
        for _ in range(self._due // SWEEP_EVERY):
            if not self._pending:
                self._of_actors = not self._of_actors
                self._pending = list(self.actors if self._of_actors else self.counterparties)
            if self._pending:
                self._forget(self._pending.pop(), self._of_actors)
        self._due = 0

    def _forget(self, name: str, of_actors: bool) -> None:
        """Drop what of one key no event can ask for any more, and the key if that was all."""
        if of_actors:
            actor = self.actors.get(name)
            if actor is not None and actor.forget(self.recent, self._lookback, self._most):
                del self.actors[name]
        else:
            other = self.counterparties.get(name)
            oldest = self.recent - self._longest_risk
            if other is not None and other.forget(self.recent, self._lookback, self._most, oldest):
                del self.counterparties[name]

    def expire(self) -> None:
        """Forget all that has expired, at once."""
        for name in list(self.actors):
            self._forget(name, True)
        for name in list(self.counterparties):
            self._forget(name, False)
        self._pending = []
        self.ledger.expire(self.recent, self.watermark - self._memory)

    def learn(self, event_id: str, label: float, known_at: int) -> str:
        """Take in what became known of an event: it counts as `prepare.events` states, whenever it is told.

        Parameters
        ----------
        event_id : str
        label : float
            1 = fraud, 0 = legitimate.
        known_at : int
            Microseconds since 1970-01-01 UTC; may lie ahead.

        Returns
        -------
        str
            One of `LABEL_STATUSES`. The same label twice is `repeated` and changes nothing; another label is
            a correction: the first is taken back, the second counts from when it was known.

        Raises
        ------
        DataError
            If the label is neither 0 nor 1.
        """
        if label not in (0.0, 1.0):
            raise DataError(
                "a label must be 1 (fraud) or 0 (legitimate)", came=f"got {label}", do="Correct the label"
            )
        status = self._learn(event_id, int(label), known_at)
        self.label_counts[status] += 1
        return LABEL_STATUSES[status]

    def _learn(self, event_id: str, label: int, known_at: int) -> int:
        kept = self.ledger.ids.get(event_id)
        if kept is None or kept[0] < self.watermark - self._memory:
            return UNKNOWN_ID
        if not self._earliest <= known_at < self.latest:
            return BAD_KNOWN_AT
        if kept[2] == label:
            return REPEATED
        self._count(kept, add=False)
        self.ledger.ids[event_id] = now = (kept[0], kept[1], label, known_at)
        self._count(now, add=True)
        return LEARNED if kept[2] < 0 else CORRECTED

    def restore(self, event_id: str, kept: Kept) -> None:
        """Put back what was known of an event, its label included, for `snapshot.from_arrays`."""
        self.ledger.ids[event_id] = kept
        self._count(kept, add=True)

    def _count(self, kept: Kept, *, add: bool) -> None:
        """Add or take back the label of an event, if there is one that some risk window can still show."""
        time, name, label, known_at = kept
        due = time + self._delay
        enter = max(known_at, due)
        if label < 0 or not name or due < self.recent - self._longest_risk:
            return
        if enter >= due + self._longest_risk:
            return
        other = self._counterparty(name)
        if other.labels is None:
            other.labels = Labels()
        change = other.labels.add if add else other.labels.remove
        change(enter, due, bool(label))

    def steps(self, event: Event, row: Row, *, length: int = 20) -> FloatArray:
        """The actor's last events and this one as the last step, as `last_events`; asked after its `update`.

        Returns
        -------
        array [length, C]
            Channels as `names.CHANNELS`, oldest first; NaN where there are fewer events.
        """
        actor, cents = self.actors[event.actor], round(event.amount * CENTS)
        return actor.steps(event.time, cents, self._share(row), length=length, plan=self.plan)


_EMPTY = History()
