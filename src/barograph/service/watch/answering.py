"""Entries in, answers out: the live state moves as the stream says, whatever batches it is read in.

The clock of an entry is the instant at which it was added. So an event that lay too far ahead when it came is
refused today and refused again when the stream is read once more after a crash: the same entries, in the same
order, make the same features to the bit, and the same scores to 1e-6 (see `LiveScorer.update_many`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from barograph.api.live import AHEAD, EventScorer
from barograph.core.errors import DataError
from barograph.core.fitted_events import SECOND
from barograph.engines.scoring.live_events import LiveAnswer, LiveEvent
from barograph.service.watch.entries import Entry, Outcome

UNREADABLE = "unreadable"
"""Status of an entry that is neither an event nor an outcome; its `detail` says why."""
TOGETHER = "events"


@dataclass(slots=True)
class Answerer:
    """A bundle's live state and what it answers to the entries of a stream."""

    scorer: EventScorer
    model: str  # of the bundle, as the registry calls it
    counts: dict[str, int] = field(default_factory=dict)  # entries by status, since the start
    now: float = 0.0  # seconds since 1970, as the stream says

    def __post_init__(self) -> None:
        self.scorer.clock = lambda: self.now

    def answer(self, entries: Sequence[Entry]) -> list[bytes]:
        """The JSON of each entry's answer, in their order; the state has then taken them in.

        Each names its model first. An event: event_id, status, score (null where refused), alert. An outcome:
        event_id, status. What cannot be read: status "unreadable" and its detail; it changes nothing.
        """
        found: list[dict[str, Any]] = []
        for kind, run in groupby(entries, key=_kind):
            group = list(run)
            self.now = max(one.instant for one in group) / SECOND
            found += self._events(group) if kind == TOGETHER else map(self._alone, group)
        for one in found:
            self.counts[one["status"]] = self.counts.get(one["status"], 0) + 1
        return [self._written(one) for one in found]

    def _written(self, answer: dict[str, Any]) -> bytes:
        told = {"model": self.model, **answer}
        return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()

    def _events(self, group: Sequence[Entry]) -> Iterator[dict[str, Any]]:
        """Answers to events none of which lies ahead of its own entry's clock, scored in one call."""
        return map(_plain, self.scorer.take([one.said for one in group if isinstance(one.said, LiveEvent)]))

    def _alone(self, entry: Entry) -> dict[str, Any]:
        self.now = entry.instant / SECOND
        if isinstance(entry.said, LiveEvent):
            return next(self._events([entry]))
        if isinstance(entry.said, str):
            return {"event_id": None, "status": UNREADABLE, "detail": entry.said}
        return self._outcome(entry.said)

    def _outcome(self, told: Outcome) -> dict[str, Any]:
        try:
            status = self.scorer.learn(told.event_id, told.label, told.known_at)
        except DataError as error:
            return {"event_id": told.event_id, "status": UNREADABLE, "detail": str(error)}
        return {"event_id": told.event_id, "status": status}


def _kind(entry: Entry) -> str:
    """Events that can be taken in together are of one kind, all else stands alone."""
    if isinstance(entry.said, LiveEvent):
        return TOGETHER if entry.said.time < entry.instant + AHEAD * SECOND else "ahead"
    return "other"


def _plain(answer: LiveAnswer) -> dict[str, Any]:
    return {
        "event_id": answer.event_id,
        "status": answer.status,
        "score": answer.score,
        "alert": answer.alert,
    }
