"""A bundle on events, live: one event in, its features updated, its score out, equal to those of a table.

What is refused (see `prepare.events`) gets no score and changes nothing. An event that comes again is
answered as the first time, and not scored again; one from before the bundle was written is scored once, from
the features it had then, when it first comes again within the lateness. A label counts from when it is told
on, as the rule of labels says.

Memory: what `prepare.events` and `prepare.events_graph` state of their parts, and `SCORE_BYTES` for the score
of each event within the lateness.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.core.errors import BundleError, DataError
from barograph.core.fitted_events import EventPlan
from barograph.core.fitted_graph import GraphPlan
from barograph.engines.scoring.answer import Predictor
from barograph.engines.scoring.live_events import (
    BAD_COLUMN,
    LiveAnswer,
    LiveEvent,
    instant,
    number_of,
    word_of,
)
from barograph.engines.scoring.live_figure import LiveRow, figure_of
from barograph.engines.scoring.parts import EventPart
from barograph.prepare.events.intake import LiveState
from barograph.prepare.events.live import live_state
from barograph.prepare.events.memory import bytes_at_most
from barograph.prepare.events.messages import Event
from barograph.prepare.events.names import DUPLICATE, LATE, NEW, STATUSES
from barograph.prepare.events.snapshot import read_texts, restore, texts, to_arrays
from barograph.prepare.events_graph import snapshot as graph_snapshot
from barograph.prepare.events_graph.columns import feature_names as graph_names
from barograph.prepare.events_graph.state import GraphState
from barograph.prepare.events_graph.transfers import Transfer

EVENTS, GRAPH, LIVE = "events:", "graph:", "live:"
"""Before the names of a snapshot's arrays: of the event features, of the account graph, of the scores."""
SCORE_BYTES = 320
"""Most bytes of a score that is kept (CPython 3.11, 64 bit; asserted in the tests)."""

Row = tuple[float, ...]
Inputs = tuple[Row, tuple[str, ...]]
Taken = tuple[str, Row, LiveRow | None]
TAKEN = (STATUSES[NEW], STATUSES[LATE])


class LiveScorer:
    """Scores events as they arrive; not for use by several threads at once.

    Parameters
    ----------
    predictor : Predictor
        A loaded bundle on events; the state is the one it was written with.

    Raises
    ------
    BundleError
        If the bundle is not on events.
    """

    def __init__(self, predictor: Predictor) -> None:
        part = predictor.parts.events
        if part is None:
            raise BundleError(
                "live scoring needs a bundle of a study on events",
                came=f"'{predictor.manifest.study}' is on records",
                do="Call predict, or run a study such as operational/fraud",
            )
        schema = predictor.parts.schema
        self._figure = figure_of(predictor.parts, predictor.parts.live)
        self._plan, self._steps = part.plan, part.steps
        self._threshold = predictor.manifest.threshold
        self._events = _events_of(part.plan, part.state)
        self._graph = _graph_of(part, part.state)
        width = self._events.width + (0 if part.graph is None else len(graph_names(part.graph)))
        self.names = schema.numeric[:width]  # of the features in a row
        self._unknown = (math.nan,) * (width - self._events.width)
        self.numeric, self.categorical = schema.numeric[width:], schema.categorical  # further columns
        self._scores: dict[str, float] = {}
        self._scored: deque[tuple[int, str]] = deque()  # times and ids of `_scores`, as they came
        self._bad_columns = 0

    @classmethod
    def restored(cls, predictor: Predictor, arrays: Mapping[str, AnyArray]) -> LiveScorer:
        """The scorer that `snapshot` was taken of; it goes on to the bit as that one.

        Raises
        ------
        DataError
            If the arrays are not whole, or of another bundle's plan.
        """
        scorer = cls(predictor)
        part = predictor.parts.events
        assert part is not None  # the constructor refused otherwise
        scorer._events = _events_of(part.plan, arrays)
        scorer._graph = _graph_of(part, arrays)
        kept = _part(arrays, LIVE)
        missing = sorted({"id", "id_at", "time", "score", "bad_columns"} - set(kept))
        ids = [] if missing else read_texts("id", kept)
        if missing or not len(ids) == kept["time"].size == kept["score"].size:
            raise _damaged(
                f"without {', '.join(missing)}" if missing else "with scores that are not the ids'"
            )
        scorer._scores = dict(zip(ids, kept["score"].tolist(), strict=True))
        scorer._scored = deque(zip(kept["time"].tolist(), ids, strict=True))
        scorer._bad_columns = int(kept["bad_columns"][0])
        return scorer

    @property
    def counts(self) -> dict[str, int]:
        """Events so far by status, those before the bundle was written included."""
        return dict(zip(STATUSES, self._events.counts, strict=True)) | {BAD_COLUMN: self._bad_columns}

    @property
    def latest(self) -> int:
        """First time that is refused, microseconds; who has a clock moves it, so that no time lies ahead."""
        return self._events.latest

    @latest.setter
    def latest(self, time: int | str | datetime) -> None:
        self._events.latest = instant(time)

    @property
    def latest_of_plan(self) -> int:
        """First time that the bundle's plan refuses, whatever the clock says, microseconds."""
        return self._plan.latest_time

    @property
    def bytes_at_most(self) -> int:
        """A bound on the bytes of the state without the account graph, for ids of up to 16 characters."""
        return bytes_at_most(self._events) + SCORE_BYTES * len(self._scores)

    def update(self, event: LiveEvent) -> LiveAnswer:
        """Take in one event and score it."""
        return self.update_told(event)[0]

    def update_told(self, event: LiveEvent) -> tuple[LiveAnswer, LiveRow | None]:
        """As `update`, with what was scored: None where nothing was, as of a duplicate."""
        status, row, ready = self._take(event, self._inputs(event.columns), set())
        if ready is not None:
            self._keep(event.event_id, ready, self._figure.one(ready))
        answer = self._answer(event, status, row)
        self._forget()
        return answer, ready

    def update_many(self, events: Iterable[LiveEvent]) -> list[LiveAnswer]:
        """Take in events one after the other and score them in one call; answers in their order.

        Rows are equal to those of `update` to the bit, scores to 1e-6.
        """
        given = list(events)
        inputs = [self._inputs(event.columns) for event in given]
        if self._steps or self._graph is not None or None in inputs:
            batch: set[str] = set()
            taken = [self._take(event, one, batch) for event, one in zip(given, inputs, strict=True)]
        else:
            taken = self._take_together(given, inputs)
        scores = iter(self._figure.many([ready for _, _, ready in taken if ready is not None]))
        for event, (_, _, ready) in zip(given, taken, strict=True):
            if ready is not None:
                self._keep(event.event_id, ready, next(scores))
        answers = [
            self._answer(event, status, row) for event, (status, row, _) in zip(given, taken, strict=True)
        ]
        self._forget()
        return answers

    def learn(self, event_id: str, label: float, known_at: int | str | datetime) -> str:
        """Take in what became known of an event (see `EventState.learn`), and when (see `instant`)."""
        return self.learn_many([(event_id, label, known_at)])[0]

    def learn_many(self, many: Iterable[tuple[str, float, int | str | datetime]]) -> list[str]:
        """As `learn`, of several; none of them is taken in if the instant of one cannot be read."""
        read = [(one, label, instant(known_at, name="time of the label")) for one, label, known_at in many]
        return [self._events.learn(*one) for one in read]

    def snapshot(self) -> dict[str, AnyArray]:
        """All of the state as plain arrays, for a `core.contracts.StateStore`."""
        self._forget()
        arrays = {EVENTS + name: one for name, one in to_arrays(self._events).items()}
        if self._graph is not None:
            arrays |= {GRAPH + name: one for name, one in graph_snapshot.to_arrays(self._graph).items()}
        ids = [event_id for _, event_id in self._scored]
        kept = {
            **texts("id", ids),
            "time": np.array([time for time, _ in self._scored], dtype=np.int64),
            "score": np.array([self._scores[event_id] for event_id in ids], dtype=np.float64),
            "bad_columns": np.array([self._bad_columns]),
        }
        return arrays | {LIVE + name: one for name, one in kept.items()}

    def _inputs(self, columns: Mapping[str, Any]) -> Inputs | None:
        """What an event's further columns hold, numbers and words; None where one is of another type."""
        try:
            numbers = tuple([number_of(columns.get(name)) for name in self.numeric])
            return numbers, tuple([word_of(columns.get(name)) for name in self.categorical])
        except TypeError:
            return None

    def _take(self, event: LiveEvent, inputs: Inputs | None, batch: set[str]) -> Taken:
        """Let the state take in an event: its status, its features, and what is to be scored, if anything.

        `batch` holds the ids that are to be scored with this one, and takes in its own.
        """
        plain = Event._make(event[:5])
        if inputs is None and self._events.judge(plain) != DUPLICATE:
            self._bad_columns += 1
            return BAD_COLUMN, (), None
        status, own = self._events.update(plain)
        if not own:
            return status, own, None
        row = own
        if self._graph is not None:
            row += self._graph.update(Transfer._make(plain)).row or self._unknown
        return status, row, self._ready(plain, status, own, row, inputs, batch)

    def _take_together(self, events: Sequence[LiveEvent], inputs: Sequence[Inputs | None]) -> list[Taken]:
        """`_take` of many events with sound columns, where nothing but features is asked of the state."""
        plain = [Event._make(event[:5]) for event in events]
        batch: set[str] = set()
        return [
            (status, row, self._ready(event, status, row, row, one, batch) if row else None)
            for event, one, (status, row) in zip(plain, inputs, self._events.update_many(plain), strict=True)
        ]

    def _ready(
        self, plain: Event, status: str, own: Row, row: Row, inputs: Inputs | None, batch: set[str]
    ) -> LiveRow | None:
        """What is to be scored of an event that has features, if anything."""
        if status not in TAKEN:
            if plain.event_id in self._scores or plain.event_id in batch:
                return None
            # from before the bundle was written: as it was then, whatever it says now
            plain = plain._replace(time=self._events.ledger.ids[plain.event_id][0], amount=own[0])
            if self._steps and plain.actor not in self._events.actors:
                return None
        if inputs is None:
            return None
        steps = self._events.steps(plain, own, length=self._steps) if self._steps else None
        batch.add(plain.event_id)
        return LiveRow(plain.time, plain.amount, row + inputs[0], inputs[1], steps)

    def _keep(self, event_id: str, ready: LiveRow, score: float) -> None:
        self._scores[event_id] = score
        self._scored.append((ready.time, event_id))

    def _answer(self, event: LiveEvent, status: str, row: Row) -> LiveAnswer:
        score = self._scores.get(event.event_id) if row else None
        return LiveAnswer(event.event_id, status, score, score is not None and score > self._threshold, row)

    def _forget(self) -> None:
        """Forget scores that no duplicate can ask for any more."""
        recent = self._events.recent
        while self._scored and self._scored[0][0] < recent:
            del self._scores[self._scored.popleft()[1]]


def _part(arrays: Mapping[str, AnyArray], prefix: str) -> dict[str, AnyArray]:
    """The arrays of one part of a snapshot."""
    return {name.removeprefix(prefix): one for name, one in arrays.items() if name.startswith(prefix)}


def _events_of(plan: EventPlan, arrays: Mapping[str, AnyArray]) -> LiveState:
    state = live_state(plan)
    restore(state, _part(arrays, EVENTS))
    return state


def _graph_of(part: EventPart, arrays: Mapping[str, AnyArray]) -> GraphState | None:
    if part.graph is None:
        return None
    state = graph_snapshot.from_arrays(_part(arrays, GRAPH))
    if _plain(state.plan) != _plain(part.graph):
        raise _damaged("of another plan of the account graph")
    return state


def _plain(plan: GraphPlan) -> dict[str, Any]:
    return plan.to_plain()


def _damaged(came: str) -> DataError:
    return DataError(
        "a live scorer must be restored from a snapshot of the same bundle",
        came=f"this one is {came}",
        do="Take the snapshot of this bundle, or start from the bundle's own state",
    )
