"""The stream worker is killed, doubled, and its server restarted: nothing is lost, nothing answered twice."""

from __future__ import annotations

import json
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from barograph.engines.scoring.live_events import LiveEvent
from patience import PATIENCE, until
from small_shared import own_server
from small_watch import Place, a_place, alone, arriving, as_entry, assert_equal


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with a_place(tmp_path) as made:
        yield made


class Worker:
    """A stream worker as a process."""

    def __init__(self, place: Place) -> None:
        wanted, main = place.wanted(), "from barograph.cli import main; main()"
        command = [sys.executable, "-c", main, "watch", str(wanted.bundle), "--from", wanted.source]
        command += ["--state", wanted.state, "--snapshot", str(wanted.every)]
        self.log = place.folder / f"{secrets.token_hex(6)}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)

    def ready(self) -> None:
        """Wait until it owns the stream."""
        until(self._ready, "the worker owns the stream")

    def _ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        lines = [line for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return any(json.loads(line)["what"] == "ready" for line in lines)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stopped(self) -> int:
        """Told to stop; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)


@contextmanager
def producing(place: Place, events: Sequence[LiveEvent], *, seconds: float) -> Iterator[threading.Thread]:
    """Events added evenly over so many seconds; one that the server does not take is sent again."""

    def send() -> None:
        for one in events:
            while True:
                try:
                    place.add([as_entry(one)])
                    break
                except redis.RedisError:
                    time.sleep(0.05)
            time.sleep(seconds / len(events))

    thread = threading.Thread(target=send)
    thread.start()
    yield thread
    thread.join()


def answered(place: Place, n: int) -> dict[bytes, dict[str, Any]]:
    until(lambda: place.client.xlen(f"{place.name}:scores") >= n, f"{n} entries are answered")
    return place.answers()


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.soak)])
def test_killed_at_any_moment_it_loses_nothing_and_answers_nothing_twice(place: Place, kills: int) -> None:
    events = arriving(1500)
    chance = random.Random(7)
    with producing(place, events, seconds=2.0 * kills) as producer:
        for _ in range(kills):
            worker = Worker(place)
            if chance.random() < 0.7:
                worker.ready()
            time.sleep(chance.random())
            worker.kill()
            place.client.delete(f"barograph:watch:{place.name}:barograph")  # instead of ten seconds' wait
        producer.join()
    worker = Worker(place)
    worker.ready()
    found = answered(place, len(events))
    assert worker.stopped() == 0
    assert list(found) == [key for key, _ in place.client.xrange(place.name)]
    assert_equal(list(found.values()), alone(events))


def test_of_two_workers_one_works_and_the_other_takes_over(place: Place) -> None:
    events = arriving(200)
    first = Worker(place)
    first.ready()
    second = Worker(place)
    place.add([as_entry(one) for one in events[:100]])
    answered(place, 100)
    first.kill()
    place.add([as_entry(one) for one in events[100:]])
    found = answered(place, 200)
    assert second.stopped() == 0
    assert_equal(list(found.values()), alone(events))


def test_a_server_restarted_under_load_loses_nothing(tmp_path: Path) -> None:
    with own_server(tmp_path / "redis") as server:
        place = Place(server.url, tmp_path)
        events = arriving(600)
        worker = Worker(place)
        worker.ready()
        with producing(place, events, seconds=4.0):
            for _ in range(2):
                time.sleep(1.0)
                server.kill()
                time.sleep(0.5)
                server.start()
        # An event whose reply was lost in the crash is sent again: then it is in the stream twice.
        entries = [json.loads(f[b"event"])["event_id"] for _, f in place.client.xrange(place.name)]
        found = answered(place, len(entries))
        assert worker.stopped() == 0
    assert [one["event_id"] for one in found.values()] == entries
    assert set(entries) == {one.event_id for one in events}
    fresh = [one for one in found.values() if one["status"] != "duplicate"]
    assert_equal(fresh, alone(events))
