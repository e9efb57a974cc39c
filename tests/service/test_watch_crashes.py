"""The stream worker is killed, doubled, and its server restarted: nothing is lost, nothing answered twice."""

from __future__ import annotations

import json
import random
import shutil
import signal
import socket
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
from barograph.service.watch.start import Wanted
from barograph.service.watch.streams import LEASE
from small_watch import Place, a_place, alone, arriving, as_entry, assert_equal


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with a_place(tmp_path) as made:
        yield made


def started(wanted: Wanted) -> subprocess.Popen[bytes]:
    main = "from barograph.cli import main; main()"
    command = [sys.executable, "-c", main, "watch", str(wanted.bundle), "--from", wanted.source]
    command += ["--state", wanted.state, "--snapshot", str(wanted.every)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def ready(worker: subprocess.Popen[bytes]) -> None:
    """Wait until it owns the stream."""
    assert worker.stderr is not None
    for line in worker.stderr:
        if json.loads(line)["what"] == "ready":
            threading.Thread(target=worker.stderr.read, daemon=True).start()
            return
    raise AssertionError("the worker ended before it was ready")


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


def answered(place: Place, n: int, *, within: float = 60.0) -> dict[bytes, dict[str, Any]]:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if place.client.xlen(f"{place.name}:scores") >= n:
            break
        time.sleep(0.1)
    return place.answers()


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.soak)])
def test_killed_at_any_moment_it_loses_nothing_and_answers_nothing_twice(place: Place, kills: int) -> None:
    events = arriving(1500)
    chance = random.Random(7)
    with producing(place, events, seconds=2.0 * kills) as producer:
        for _ in range(kills):
            worker = started(place.wanted())
            if chance.random() < 0.7:
                ready(worker)
            time.sleep(chance.random())
            worker.kill()
            worker.wait()
            _close(worker)
            place.client.delete(f"barograph:watch:{place.name}:barograph")  # instead of ten seconds' wait
        producer.join()
    worker = started(place.wanted())
    ready(worker)
    found = answered(place, len(events))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=30) == 0
    _close(worker)
    assert list(found) == [key for key, _ in place.client.xrange(place.name)]
    assert_equal(list(found.values()), alone(events))


def test_of_two_workers_one_works_and_the_other_takes_over(place: Place) -> None:
    events = arriving(200)
    first = started(place.wanted())
    ready(first)
    second = started(place.wanted())
    place.add([as_entry(one) for one in events[:100]])
    answered(place, 100)
    first.kill()
    first.wait()
    _close(first)
    place.add([as_entry(one) for one in events[100:]])
    found = answered(place, 200, within=LEASE / 1000 + 30)
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=30) == 0
    _close(second)
    assert_equal(list(found.values()), alone(events))


@contextmanager
def own_server(folder: Path) -> Iterator[tuple[str, Any]]:
    """A Redis server of this test that keeps everything on disk, and what starts it."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.mkdir()
    command = [binary, "--port", str(port), "--dir", str(folder), "--save", ""]
    command += ["--appendonly", "yes", "--appendfsync", "always"]

    def start() -> subprocess.Popen[bytes]:
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        client = redis.Redis(port=port)
        for _ in range(200):
            try:
                client.ping()
                return server
            except redis.RedisError:
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    yield f"redis://127.0.0.1:{port}/0", start


def test_a_server_restarted_under_load_loses_nothing(tmp_path: Path) -> None:
    with own_server(tmp_path / "redis") as (url, start):
        place = Place(url, tmp_path)
        server = start()
        events = arriving(600)
        worker = started(place.wanted())
        ready(worker)
        with producing(place, events, seconds=4.0):
            for _ in range(2):
                time.sleep(1.0)
                server.kill()
                server.wait()
                time.sleep(0.5)
                server = start()
        # An event whose reply was lost in the crash is sent again: then it is in the stream twice.
        entries = [json.loads(f[b"event"])["event_id"] for _, f in place.client.xrange(place.name)]
        found = answered(place, len(entries))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0
        _close(worker)
        server.kill()
        server.wait()
    assert [one["event_id"] for one in found.values()] == entries
    assert set(entries) == {one.event_id for one in events}
    fresh = [one for one in found.values() if one["status"] != "duplicate"]
    assert_equal(fresh, alone(events))


def _close(worker: subprocess.Popen[bytes]) -> None:
    if worker.stderr is not None:
        worker.stderr.close()
