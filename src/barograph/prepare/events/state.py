"""Live event features: one event in, its features out, in bounded memory.

What is kept is bounded by what may still be asked: the events of each key within the longest window and the
lateness (before that lateness, `plan.most` of them at most), ids within `plan.memory`, rows of features
within the lateness, labels within the risk windows; `memory.bytes_at_most` says how much that is. Expired
things are forgotten a few at a time, some keys in turn, so that no event waits for it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from sys import intern

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_events import CENTS, SECOND, EventPlan
from barograph.prepare.events.history import NAN, History
from barograph.prepare.events.intake import LiveState
from barograph.prepare.events.keys import UNKNOWN, Actor, Counterparty
from barograph.prepare.events.labels import Labels
from barograph.prepare.events.messages import Answer, Event, Row
from barograph.prepare.events.names import LATE, STATUSES
from barograph.prepare.events.own import MINUTE, WEEK_MINUTES, log_amount, week

KEY_BYTES, EVENT_BYTES, LABEL_BYTES = 1024, 72, 24
"""Most bytes of a key, of an event per key and of a label (names of up to 16 characters; CPython 3.11, 64
bit; asserted in the tests)."""

EXPIRE_EVERY = 16
"""Events after which the state forgets some of what has expired."""

SWEEP_EVERY = 4
"""Events per key that is then looked at; a new key has two more looked at, so that keys cannot pile up."""


class EventState(LiveState):
    """The state in plain Python.

    Examples
    --------
    >>> state = EventState(EventPlan())
    >>> answer = state.update(Event("a", 1_700_000_000_000_000, "card 1", "shop 1", 12.5))
    >>> answer.status, answer.row[0]
    ('new', 12.5)
    """

    def __init__(self, plan: EventPlan) -> None:
        super().__init__(plan)
        self.actors: dict[str, Actor] = {}
        self.counterparties: dict[str, Counterparty] = {}
        self._due = 0  # events since something was last forgotten, and 2 * SWEEP_EVERY for each new key
        self._pending: list[str] = []  # keys still to be looked at
        self._of_actors = False  # whether those are actors
        self._lookback, self._most = plan.lookback, plan.most
        self._windows = tuple(one * SECOND for one in plan.windows)
        self._risk_windows = tuple(one * SECOND for one in plan.risk_windows)
        self._by_actor, self._by_other = "actor" in plan.keys, "counterparty" in plan.keys
        self._week = week(plan.utc_offset, plan.night_ends)
        self._no_risk = (0.0, 0.0, NAN) * len(plan.risk_windows)
        self._tells_new = plan.new_counterparty

    def update(self, event: Event) -> Answer:
        """See `LiveState.update`."""
        status = self.judge(event)
        if status > LATE:
            return self.refused(status, event.event_id)
        event_id, time, name, other_name, amount = event
        ledger = self.ledger
        self.counts[status] += 1
        cents, other_name = round(amount * CENTS), intern(other_name)
        actor = (self.actors.get(name) or self._new_actor(name)) if self._by_actor else None
        other = self.counterparties.get(other_name)
        row = self._row(time, cents, actor, other, other_name)
        if actor is not None:
            share = row[-1] if self._risk_windows else NAN
            actor.insert(time, cents, other_name, share if share == share else UNKNOWN)
        if other_name and self._by_other:
            (other or self._counterparty(other_name)).history.insert(time, cents)
        ledger.keep(event_id, time, other_name, ledger.pack(time, *row))
        if time > self.watermark:
            self.watermark = time
        self._due += 1
        if self._due >= EXPIRE_EVERY:
            self._expire_some()
        return Answer(STATUSES[status], tuple(row))

    def update_many(self, events: Sequence[Event]) -> list[Answer]:
        """See `LiveState.update_many`."""
        return [self.update(event) for event in events]

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
        if self._tells_new and actor is not None:
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

    def _new_actor(self, name: str) -> Actor:
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
        """See `LiveState.expire`."""
        for name in list(self.actors):
            self._forget(name, True)
        for name in list(self.counterparties):
            self._forget(name, False)
        self._pending = []
        self.ledger.expire(self.recent, self.watermark - self._memory)

    def _label(self, name: str, enter: int, due: int, fraud: bool, *, add: bool) -> None:
        other = self._counterparty(name)
        if other.labels is None:
            other.labels = Labels()
        change = other.labels.add if add else other.labels.remove
        change(enter, due, fraud)

    def actor_events(self) -> Iterable[tuple[str, array[int], array[int], list[str], array[float]]]:
        """See `LiveState.actor_events`."""
        for name, one in self.actors.items():
            yield name, one.history.times, one.history.cents(), one.partners, one.risks

    def counterparty_events(self) -> Iterable[tuple[str, array[int], array[int]]]:
        """See `LiveState.counterparty_events`."""
        for name, one in self.counterparties.items():
            yield name, one.history.times, one.history.cents()

    def put_actor(
        self, name: str, times: IntArray, cents: IntArray, partners: Sequence[str], risks: FloatArray
    ) -> None:
        """See `LiveState.put_actor`."""
        self.actors[name] = Actor(History(times.tolist(), cents.tolist()), partners, risks.tolist())

    def put_counterparty(self, name: str, times: IntArray, cents: IntArray) -> None:
        """See `LiveState.put_counterparty`."""
        self.counterparties[name] = Counterparty(History(times.tolist(), cents.tolist()))

    def key_bytes(self) -> int:
        """See `LiveState.key_bytes`."""
        actors, others = self.actors.values(), self.counterparties.values()
        histories = [*(one.history for one in actors), *(one.history for one in others)]
        labels = sum(len(one.labels) for one in others if one.labels is not None)
        events = sum(len(one.times) for one in histories)
        return KEY_BYTES * len(histories) + EVENT_BYTES * events + LABEL_BYTES * labels

    def steps(self, event: Event, row: Row, *, length: int = 20) -> FloatArray:
        """See `LiveState.steps`."""
        actor, cents = self.actors[event.actor], round(event.amount * CENTS)
        return actor.steps(event.time, cents, self._share(row), length=length, plan=self.plan)


_EMPTY = History()
