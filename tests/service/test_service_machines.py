"""Two machines, each a service of its own, share PostgreSQL and Redis; one of these fails, or a clock jumps.

Whatever was acknowledged is known afterwards, once, with the score that was acknowledged.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from barograph.api.models import proposal_of
from barograph.govern import registry
from barograph.govern.access import add_user, mint_token
from barograph.govern.storage import open_database
from databases import fresh_url
from patience import PATIENCE, until
from small_service import FRAUD, bundles, events, free_port
from small_shared import Server, own_server

STUDY = "operational/fraud"
PACE = 0.02
"""Seconds between two events: there are so many only."""
MAIN = """
import sys, threading, time
real, back = time.time, [0.0]
time.time = lambda: real() - back[0]
for line in (sys.argv.pop(1),):
    if line:
        def look():
            while True:
                try:
                    back[0] = float(open(line).read() or 0)
                except OSError:
                    pass
                time.sleep(0.05)
        threading.Thread(target=look, daemon=True).start()
from barograph.cli import main
main()
"""
"""A service whose clock is as many seconds behind as a file says."""


@dataclass
class Machine:
    """A service as a process, that can be killed and started again on its port."""

    arguments: Sequence[str]
    token: str
    log: Path
    clock: str = ""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-c", MAIN, self.clock, "serve", *self.arguments, "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "OMP_NUM_THREADS": "1"}
            )

    def ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-2_000:]
        try:
            return httpx.get(f"{self.address}/readyz", timeout=PATIENCE).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def get(self, path: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        return httpx.get(f"{self.address}{path}", headers=headers, timeout=PATIENCE)

    def owns(self) -> bool:
        try:
            return f'barograph_owns{{worker="{self.worker}",study="{STUDY}"}} 1' in self.get("/metrics").text
        except (httpx.TransportError, AssertionError):
            return False

    @property
    def worker(self) -> str:
        told = [line for line in self.get("/metrics").text.splitlines() if line.startswith("barograph_owns{")]
        assert told
        return told[0].split('worker="', 1)[1].split('"', 1)[0]


@dataclass
class Place:
    """Two machines and what they share."""

    machines: list[Machine]
    redis: Server
    clock: Path

    def counts(self) -> dict[str, int]:
        return dict(self.machines[0].get(FRAUD).json()["events"])


@contextmanager
def a_place(folder: Path, *more: str) -> Iterator[Place]:
    with ExitStack() as stack:
        url = stack.enter_context(fresh_url("postgresql", folder))
        server = stack.enter_context(own_server(folder / "redis"))
        database = open_database(url)
        add_user(database, "root", "admin", by="first-start")
        token = mint_token(database, "root", by="first-start")
        model = registry.propose(database, proposal_of(bundles()["fraud"]), by="dev", why="a run")
        registry.approve(database, model, by="boss", why="read")
        database.close()
        machines = []
        for name in ("a", "b"):
            arguments = ["--database", url, "--audit", str(folder / name), "--state", f"{server.url}/tests"]
            clock = str(folder / "clock") if name == "b" else ""
            machines.append(Machine([*arguments, *more], token, folder / f"{name}.log", clock))
        try:
            for one in machines:
                one.start()
            for one in machines:
                until(one.ready, "a machine is ready")
            yield Place(machines, server, folder / "clock")
        finally:
            for one in machines:
                one.kill()


@dataclass
class Load:
    """Events sent one after the other, now to this machine, now to that, each until it is acknowledged."""

    place: Place
    events: Sequence[dict[str, Any]]
    said: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[httpx.Response] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Load:
        self._thread = threading.Thread(target=self._send)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._thread.join()

    def more(self, n: int) -> None:
        """Return when so many more were acknowledged."""
        wanted = len(self.said) + n
        until(
            lambda: len(self.said) >= wanted or not self._thread.is_alive(),
            f"{wanted} are acknowledged; at first {len(self.said)} were",
        )
        assert len(self.said) >= wanted

    def _send(self) -> None:
        headers = {"authorization": f"Bearer {self.place.machines[0].token}"}
        with httpx.Client(headers=headers, timeout=PATIENCE) as client:
            number = 0
            for one in self.events:
                while one["event_id"] not in self.said:
                    if self.ended.is_set():
                        return
                    number += 1
                    machine = self.place.machines[number % 2]
                    try:
                        answer = client.post(f"{machine.address}{FRAUD}/events", json=one)
                    except httpx.TransportError:
                        time.sleep(0.02)
                        continue
                    if answer.status_code == 200:
                        self.said[one["event_id"]] = answer.json()
                        time.sleep(PACE)
                    elif answer.status_code == 503:
                        self.refused.append(answer)
                        time.sleep(0.05)
                    else:
                        self.odd.append(answer.text)


def assert_nothing_lost_or_doubled(load: Load, before: dict[str, int]) -> None:
    """All that was acknowledged is known with its score, by whichever machine; nothing was counted twice."""
    assert load.odd == []
    assert all(int(one.headers["retry-after"]) >= 1 for one in load.refused)
    assert {one["status"] for one in load.said.values()} <= {"new", "duplicate"}  # one lost its reply
    known = [one for one in load.events if one["event_id"] in load.said]
    counts = load.place.counts()
    assert counts["new"] - before["new"] in (len(known), len(known) + 1)  # one may wait for its reply still
    headers = {"authorization": f"Bearer {load.place.machines[0].token}"}
    for machine in load.place.machines:
        answer = httpx.post(
            f"{machine.address}{FRAUD}/events", json={"events": known}, headers=headers, timeout=PATIENCE
        )
        for one, again in zip(known, answer.json()["answers"], strict=True):
            forgotten = moment(one) < moment(known[-1]) - dt.timedelta(days=2)  # ids are kept for one
            assert again["status"] in ("duplicate", "used_id", *(["too_late"] if forgotten else []))
            if again["status"] == "duplicate":
                assert again["score"] == pytest.approx(load.said[one["event_id"]]["score"], abs=1e-6)


def moment(event: dict[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(event["time"])


def endless() -> list[dict[str, Any]]:
    """The sample's events forty times, each 15 days later under other ids: they outlast a slow machine."""
    some = events(1_000_000)
    return [
        one
        | {
            "event_id": f"{one['event_id']}-{turn}",
            "time": (moment(one) + turn * dt.timedelta(days=15)).isoformat(),
        }
        for turn in range(40)
        for one in some
    ]


@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.soak)])
def test_owners_killed_at_random_under_load_lose_and_double_nothing(tmp_path: Path, kills: int) -> None:
    chance = random.Random(11)
    with a_place(tmp_path) as place:
        before = place.counts()
        with Load(place, endless()) as load:
            for _ in range(kills):
                load.more(1 + chance.randrange(30))
                (owner, *_) = until(lambda: [one for one in place.machines if one.owns()], "a machine owns")
                time.sleep(chance.random() / 5)
                owner.kill()
                owner.start()
                until(owner.ready, "it is ready again")
                load.more(1)
            load.more(20)
        until(lambda: sum(one.owns() for one in place.machines) == 1, "one of them owns")
        assert_nothing_lost_or_doubled(load, before)


@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=pytest.mark.soak)])
def test_a_server_of_states_restarted_under_load_loses_nothing_and_is_found_again(
    tmp_path: Path, kills: int
) -> None:
    with a_place(tmp_path) as place:
        before = place.counts()
        with Load(place, endless()) as load:
            for _ in range(kills):
                load.more(20)
                refused = len(load.refused)
                place.redis.kill()
                until(lambda n=refused: len(load.refused) > n, "it is refused")  # type: ignore[misc]
                until(lambda: not all(one.ready() for one in place.machines), "a machine is not ready")
                place.redis.start()
                load.more(20)
        for one in place.machines:
            until(one.ready, "a machine is ready")
        assert_nothing_lost_or_doubled(load, before)


def test_a_clock_that_jumps_back_on_one_machine_changes_no_answer(tmp_path: Path) -> None:
    """States move by the clock of the server that all share."""
    with a_place(tmp_path) as place:
        before = place.counts()
        with Load(place, endless()) as load:
            load.more(20)
            place.clock.write_text(str(3 * 86_400))
            load.more(40)
            machine, other = place.machines[1], place.machines[0]
            other.kill()  # whoever owned before, the one whose clock went back owns now
            until(machine.owns, "the other one owns")
            load.more(40)
            other.start()
            until(other.ready, "it is ready again")
            load.more(20)
        assert_nothing_lost_or_doubled(load, before)
        other.kill()
        until(machine.owns, "the one whose clock went back owns")
        today = dt.datetime.now(dt.UTC).isoformat()  # three days ahead of the owner's own clock
        last = {**events(1)[0], "event_id": "of today", "time": today}
        headers = {"authorization": f"Bearer {machine.token}"}
        answer = httpx.post(f"{machine.address}{FRAUD}/events", json=last, headers=headers, timeout=PATIENCE)
        assert answer.json()["status"] == "new"


def test_several_workers_of_one_machine_share_the_states_too(tmp_path: Path) -> None:
    with a_place(tmp_path, "--workers", "2") as place:
        before = place.counts()
        with Load(place, endless()) as load:
            load.more(60)
            machine = place.machines[0]
            assert machine.process is not None
            machine.process.send_signal(signal.SIGTERM)
            machine.process.wait(timeout=PATIENCE)
            load.more(20)
            machine.start()
            until(machine.ready, "it is ready again")
            load.more(20)
        assert_nothing_lost_or_doubled(load, before)
