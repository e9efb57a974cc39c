"""The live state compiled: the same bits as `EventState`, several times as fast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from struct import Struct
from sys import intern

import numpy as np

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.core.fitted_events import CENTS, SECOND, EventPlan
from barograph.prepare.events.compiled import blocks, taking
from barograph.prepare.events.compiled.histories import ACTOR_FIELDS, KNOWN, OTHER_FIELDS
from barograph.prepare.events.compiled.orderly import Orderly, orderly
from barograph.prepare.events.intake import LiveState
from barograph.prepare.events.messages import Answer, Event, Row
from barograph.prepare.events.names import CHANNELS, DUPLICATE, LATE, NEW, STATUSES
from barograph.prepare.events.own import week

EXPIRE_EVERY = 64
"""Events after which the state forgets some of what has expired."""

SWEEP_EVERY = 4
"""Events per key that is then looked at; a new key has two more looked at, so that keys cannot pile up."""

NAME_BYTES = 400
"""Most bytes of a key besides the words of the heap (names of up to 16 characters; asserted in the tests)."""

Took = tuple[int, int, int, int, int]
"""Newest time before an event, its time, its cents, its actor's and its counterparty's record."""

WORDS = 2**17
"""Words at first; where they run out, an eighth is added, at least this many."""


class CompiledState(LiveState):
    """The state in one array of words that compiled functions work on (see `blocks`).

    `actors` and `counterparties` say where the record of each key stands. A counterparty is kept whether or
    not the plan asks for its events: an actor's events name it.
    """

    def __init__(self, plan: EventPlan) -> None:
        super().__init__(plan)
        self.actors: dict[str, int] = {}
        self.counterparties: dict[str, int] = {}
        self.heap = _empty(plan, self.width)
        self._due = 0
        self._pending: list[str] = []
        self._of_actors = False
        self._by_actor = "actor" in plan.keys
        self._format = Struct(f"8x{self.width}d")
        self._settle()

    def _settle(self) -> None:
        """Find the row again, after the heap has moved."""
        row = int(self.heap[blocks.ROW])
        self._answer = self.heap[row - 1 : row + self.width]

    def _grow(self) -> None:
        """More words; what stands in them stays."""
        del self._answer
        self.heap.resize(self.heap.size + max(WORDS, self.heap.size >> 3), refcheck=False)
        self._settle()

    def update(self, event: Event) -> Answer:
        """See `LiveState.update`."""
        status = self.judge(event)
        if status > LATE:
            return self.refused(status, event.event_id)
        event_id, time, name, other_name, amount = event
        self.counts[status] += 1
        actor, other = self._keys(name, other_name)
        while not taking.take(
            self.heap, self.watermark - self._lateness, time, round(amount * CENTS), actor, other
        ):
            self._grow()
        packed = self._answer.tobytes()
        self.ledger.keep(event_id, time, intern(other_name), packed)
        if time > self.watermark:
            self.watermark = time
        self._due += 1
        if self._due >= EXPIRE_EVERY:
            self._expire_some()
        return Answer(STATUSES[status], self._format.unpack(packed))

    def update_many(self, events: Sequence[Event]) -> list[Answer]:
        """See `LiveState.update_many`."""
        part = orderly(events, self, self._limit)
        answers = self._in_turn(events) if part is None else self._at_once(part)
        if self._due >= EXPIRE_EVERY:
            self._expire_some()
        return answers

    def _at_once(self, part: Orderly) -> list[Answer]:
        """Take in a part of new events."""
        table = np.empty((len(part.ids), 5), dtype=np.int64)
        table[:, :3] = part.numbers
        if self._by_actor:
            table[:, 3] = self._places(self.actors, part.actors, ACTOR_FIELDS)
        else:
            table[:, 3] = 0
        table[:, 4] = self._places(self.counterparties, part.counterparties, OTHER_FIELDS)
        self.ledger.keep_many(part.ids, part.times, part.counterparties)
        self.watermark = part.times[-1]
        self.counts[NEW] += len(part.ids)
        rows = self._format.iter_unpack(self._take_many(table))
        return [Answer(STATUSES[NEW], row) for row in rows]

    def _in_turn(self, events: Sequence[Event]) -> list[Answer]:
        """Judge and take in events one after the other."""
        statuses: list[tuple[int, int]] = []
        taken: list[Took] = []
        try:
            for event in events:
                statuses.append(self._judged(event, taken))
        finally:  # what was judged is taken in, whatever the next one does
            rows = self._format.iter_unpack(self._take_many(np.array(taken, dtype=np.int64).reshape(-1, 5)))
        answers = []
        for status, number in statuses:
            row = next(rows) if status <= LATE else self.ledger.row(number) if status == DUPLICATE else ()
            answers.append(Answer(STATUSES[status], row))
        return answers

    def _judged(self, event: Event, taken: list[Took]) -> tuple[int, int]:
        """An event's status, and of a duplicate the number of its first.

        One that is taken in is told to `taken` and kept, its row still to come.
        """
        status = self.judge(event)
        self.counts[status] += 1
        event_id, time, name, other_name, amount = event
        if status > LATE:
            return status, self.ledger.ids[event_id][4] if status == DUPLICATE else 0
        cents, other_name = round(amount * CENTS), intern(other_name)
        taken.append((self.watermark, time, cents, *self._keys(name, other_name)))
        self.ledger.keep(event_id, time, other_name, b"")
        if time > self.watermark:
            self.watermark = time
        return status, 0

    def _take_many(self, table: IntArray) -> bytes:
        """Take in judged events [n, 5], and keep their rows; answers them packed."""
        out = np.empty((len(table), 1 + self.width), dtype=np.int64)
        done = taking.take_many(self.heap, table, 0, self._lateness, out)
        self._due += len(table)
        while done < len(table):
            self._grow()
            done = taking.take_many(self.heap, table, done, self._lateness, out)
        packed = out.tobytes()
        self.ledger.answered += packed
        return packed

    def _keys(self, name: str, other_name: str) -> tuple[int, int]:
        """Where the records of an event's actor and counterparty stand, 0 for none; new ones are made."""
        actor = other = 0
        if self._by_actor:
            actor = self.actors.get(name) or self._made(self.actors, name, ACTOR_FIELDS)
        if other_name:
            other = self.counterparties.get(other_name) or self.counterparty(other_name)
        return actor, other

    def _places(self, keys: dict[str, int], names: Sequence[str], fields: int) -> IntArray:
        """Where the records of many names stand, 0 for no counterparty; new ones are made."""
        found = np.fromiter(map(keys.get, names, repeat(0)), np.int64, len(names))
        for number in np.flatnonzero(found == 0).tolist():
            name = names[number]
            if name or fields == ACTOR_FIELDS:
                found[number] = keys.get(name) or self._made(keys, name, fields)
        return found

    def counterparty(self, name: str) -> int:
        """Where the record of a counterparty stands; a new one is made."""
        return self.counterparties.get(name) or self._made(self.counterparties, name, OTHER_FIELDS)

    def _made(self, keys: dict[str, int], name: str, fields: int) -> int:
        key = taking.made(self.heap, fields)
        while not key:
            self._grow()
            key = taking.made(self.heap, fields)
        keys[name] = key
        self._due += 2 * SWEEP_EVERY
        return key

    def actor_events(self) -> Iterable[tuple[str, list[int], list[int], list[str], list[float]]]:
        """See `LiveState.actor_events`."""
        names = {place: name for name, place in self.counterparties.items()} | {0: ""}
        for name, key in self.actors.items():
            times, cents, codes, risks = self._events(key)
            partners = [names[code] for code in codes.tolist()]
            told = list(
                zip(times.tolist(), cents.tolist(), risks.view(np.float64).tolist(), partners, strict=True)
            )
            told.sort()
            columns = zip(*told, strict=True) if told else ((),) * 4
            one, two, three, four = (list(column) for column in columns)
            yield name, one, two, four, three

    def counterparty_events(self) -> Iterable[tuple[str, list[int], list[int]]]:
        """See `LiveState.counterparty_events`."""
        for name, key in self.counterparties.items() if self.heap[blocks.BY_OTHER] else ():
            times, cents = self._events(key)
            yield name, times.tolist(), cents.tolist()

    def _events(self, key: int) -> list[IntArray]:
        """The fields of a key's events."""
        block, size, start, end, fields = self.heap[key : key + KNOWN].tolist()
        return [self.heap[block + field * size :][start:end] for field in range(fields)]

    def put_actor(
        self, name: str, times: IntArray, cents: IntArray, partners: Sequence[str], risks: FloatArray
    ) -> None:
        """See `LiveState.put_actor`."""
        key = self._made(self.actors, name, ACTOR_FIELDS)
        codes = [self.counterparty(one) if one else 0 for one in partners]
        self._restore(key, times, cents, np.array(codes, dtype=np.int64), risks)
        if not self.heap[blocks.BY_OTHER]:  # no one else puts the partners' events back
            for place, code in enumerate(codes):
                if code:
                    taking.seen(self.heap, code, int(times[place]))

    def put_counterparty(self, name: str, times: IntArray, cents: IntArray) -> None:
        """See `LiveState.put_counterparty`."""
        self._restore(self.counterparty(name), times, cents, np.zeros_like(times), np.zeros(times.size))

    def _restore(self, key: int, *fields: AnyArray) -> None:
        while not taking.restore(self.heap, key, *(np.array(one) for one in fields)):
            self._grow()

    def key_bytes(self) -> int:
        """See `LiveState.key_bytes`."""
        return int(self.heap.nbytes) + NAME_BYTES * (len(self.actors) + len(self.counterparties))

    def _label(self, name: str, enter: int, due: int, fraud: bool, *, add: bool) -> None:
        key = self.counterparty(name)
        while not taking.learn(self.heap, key, enter, due, int(fraud), add):
            self._grow()

    def steps(self, event: Event, row: Row, *, length: int = 20) -> FloatArray:
        """See `LiveState.steps`."""
        out = np.empty((length, len(CHANNELS)))
        share = row[-1] if self.plan.risk_windows else np.nan
        cents = round(event.amount * CENTS)
        taking.steps(self.heap, self.actors[event.actor], event.time, cents, share, out)
        return out

    def _expire_some(self) -> None:
        self.ledger.expire_some(2 * self._due, self.recent, self.watermark - self._memory)
        for _ in range(2):
            if not self._pending:
                self._of_actors = not self._of_actors
                self._pending = list(self.actors if self._of_actors else self.counterparties)
            some = self._pending[-(self._due // SWEEP_EVERY // 2 + 1) :]
            del self._pending[-len(some) :]
            self._forget(self.actors if self._of_actors else self.counterparties, some)
        self._due = 0

    def _forget(self, keys: dict[str, int], names: Sequence[str]) -> None:
        """Drop what of some keys no event can ask for any more, and the keys of which nothing is left."""
        places = np.fromiter(map(keys.get, names, repeat(0)), np.int64, len(names))
        dead = np.zeros(places.size, dtype=np.bool_)
        oldest = self.recent - self._longest_risk
        taking.forget(self.heap, places, self.recent, oldest, dead)
        for number in np.flatnonzero(dead).tolist():
            del keys[names[number]]

    def expire(self) -> None:
        """See `LiveState.expire`."""
        for keys in (self.actors, self.counterparties):
            self._forget(keys, list(keys))
        self._pending = []
        self.ledger.expire(self.recent, self.watermark - self._memory)


def _empty(plan: EventPlan, width: int) -> IntArray:
    """A heap without keys: the plan and its tables in the head."""
    table = np.array(week(plan.utc_offset, plan.night_ends)).ravel()
    sizes = (len(plan.windows), len(plan.risk_windows), table.size, width + 1)
    at = np.cumsum([blocks.HEAD, *sizes])
    heap = np.zeros(int(at[-1]) + WORDS, dtype=np.int64)
    heap[blocks.TOP] = at[-1]
    heap[blocks.N_WINDOWS : blocks.N_RISKS + 1] = sizes[:2]
    heap[blocks.MOST], heap[blocks.LENGTH] = plan.most, width
    heap[blocks.BY_OTHER], heap[blocks.TELLS_NEW] = "counterparty" in plan.keys, plan.new_counterparty
    heap[[blocks.WINDOWS, blocks.RISKS, blocks.WEEK, blocks.ROW]] = at[:4]
    heap[blocks.ROW] += 1  # the word before the row has its time
    heap[at[0] : at[1]] = [one * SECOND for one in plan.windows]
    heap[at[1] : at[2]] = [one * SECOND for one in plan.risk_windows]
    heap[at[2] : at[3]] = table.view(np.int64)
    return heap
