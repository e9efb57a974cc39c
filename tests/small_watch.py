"""A stream of a test's own, the events that arrive on it, and what one uninterrupted scorer says to them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis

from barograph.api.answer import load
from barograph.api.live import EventScorer
from barograph.engines.scoring.live_events import LiveEvent
from barograph.service.watch.start import Wanted
from services import REDIS, needed
from small_events import as_live, bundle, past_and_rest

Fields = Mapping[str, str]


@dataclass
class Place:
    """Two streams of a test's own on a server."""

    url: str  # of the database
    folder: Path
    name: str = field(default_factory=lambda: f"barograph-test-{secrets.token_hex(6)}")

    @property
    def client(self) -> Any:
        return redis.Redis.from_url(self.url)

    def wanted(self, **more: Any) -> Wanted:
        given = {"results": None, "state": str(self.folder / "state"), "every": 0.3, **more}
        return Wanted(bundle(), f"{self.url}/{self.name}", **given)

    def add(self, entries: Sequence[Fields]) -> list[bytes]:
        pipe = self.client.pipeline(transaction=False)
        for one in entries:
            pipe.xadd(self.name, dict(one))
        return list(pipe.execute())

    def answers(self) -> dict[bytes, dict[str, Any]]:
        found = self.client.xrange(f"{self.name}:scores")
        assert len({key for key, _ in found}) == len(found)
        return {key: json.loads(fields[b"answer"]) for key, fields in found}


def as_entry(event: LiveEvent) -> dict[str, str]:
    plain = event._asdict()
    return {"event": json.dumps({**plain.pop("columns"), **plain})}


def arriving(n: int) -> list[LiveEvent]:
    return as_live(past_and_rest()[1])[:n]


def alone(events: Sequence[LiveEvent]) -> list[dict[str, Any]]:
    """What one scorer says to the events, one after the other."""
    scorer = load(bundle())
    assert isinstance(scorer, EventScorer)
    told = [scorer.take([one])[0] for one in events]
    return [{"event_id": one.event_id, "status": one.status, "score": one.score} for one in told]


def assert_equal(answers: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]]) -> None:
    assert [(one["event_id"], one["status"]) for one in answers] == [
        (one["event_id"], one["status"]) for one in expected
    ]
    assert [one["score"] for one in answers] == [
        None if one["score"] is None else pytest.approx(one["score"], abs=1e-6) for one in expected
    ]


@contextmanager
def a_place(folder: Path) -> Iterator[Place]:
    """Streams on the server of the environment, gone afterwards; skips where nothing answers."""
    made = Place(needed(REDIS), folder)
    yield made
    keys = made.client.keys(f"*{made.name}*")
    if keys:
        made.client.delete(*keys)
