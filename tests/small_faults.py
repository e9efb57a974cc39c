"""A governed service as a process of its own, under load, and the books of what it acknowledged."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from barograph.api.models import proposal_of
from barograph.core.errors import StorageError
from barograph.deploy.bundle import manifest_hash
from barograph.govern import registry
from barograph.govern.access import ROLES, add_user, mint_token
from barograph.govern.alerts import Cause, raise_alerts
from barograph.govern.audit.lines import decoded
from barograph.govern.storage import open_database
from patience import PATIENCE, until
from small_events import bundle as fraud_bundle
from small_scoring import finished
from small_service import COMMAND, CREDIT, FRAUD, free_port, record

WHY = {"why": "validated"}
AUDITED = {
    "fraud-events": "event",
    "fraud-outcomes": "outcome",
    "label": "outcome",
    "prediction": "prediction",
    "approval": "approval",
    "limit": "limit",
    "comment": "alert",
}
"""What the load asks for, and what the audit log calls it."""


@functools.cache
def proposal(bundle: Path) -> registry.Proposal:
    """What is proposed of a bundle, which is verified once."""
    return proposal_of(bundle)


@dataclass
class House:
    """Where a governed service keeps what it must not lose, and a token of each role."""

    folder: Path
    url: str  # of its database
    tokens: dict[str, str]
    fraud: str  # models in service
    alert: str  # an alert that stands
    kept: Path  # folder of audit log and states
    proposed: int = 0

    @classmethod
    def made(cls, folder: Path, url: str, kept: Path | None = None) -> House:
        """People, two models in service, and an alert."""
        database = open_database(url)
        tokens = {}
        for role in ROLES:
            add_user(database, role, role, by="first-start", password=f"secret-word-of-{role}")
            tokens[role] = mint_token(database, role, by="first-start")
        ids = []
        for one in (fraud_bundle(), finished().bundle):
            ids.append(registry.propose(database, proposal(one), by="developer", why="first"))
            registry.approve(database, ids[-1], by="approver", why="validated")
        cause = Cause("standing", "credit/default", "limit", "loss", 2.0, 1.0, "hard", "", "")
        (alert,) = raise_alerts(database, [cause])
        database.close()
        house = cls(folder, url, tokens, ids[0], alert.id, kept or folder)
        house.audit.mkdir()  # a service that is killed while it starts may not have come so far
        return house

    def headers(self, role: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[role]}"}

    def propose(self) -> str:
        """The credit model once more under another hash, proposed by the developer."""
        self.proposed += 1
        name = f"credit-{self.proposed}"
        copied = shutil.copytree(finished().bundle, self.folder / name)
        manifest = json.loads((copied / "manifest.json").read_text())
        (copied / "manifest.json").write_text(json.dumps({**manifest, "created": name}))
        first, changed = proposal(finished().bundle), {"manifest_hash": manifest_hash(copied)}
        one = dataclasses.replace(first, bundle=str(copied), **changed)
        database = open_database(self.url)
        try:
            return registry.propose(database, one, by="developer", why="a better run")
        finally:
            database.close()

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def audit(self) -> Path:
        return self.kept / "audit"

    @property
    def state(self) -> Path:
        return self.kept / "state"

    def audited(self) -> list[tuple[str, str]]:
        """Request and kind of every line of the audit log that is whole, without starts."""
        found = []
        for path in sorted(self.audit.glob("worker-1*.journal")):
            for line in path.read_bytes().splitlines(keepends=True):
                told = decoded(line) if line.endswith(b"\n") else None
                if told is not None and told[0].kind != "start":
                    found.append((told[0].request, told[0].kind))
        return found

    def rows(self, statement: sa.Select[Any]) -> list[Any]:
        """What the database says now."""
        database = open_database(self.url)
        try:
            return list(database.read(lambda connection: connection.execute(statement).all()))
        finally:
            database.close()


@dataclass
class Running:
    """A service that was started."""

    process: subprocess.Popen[bytes]
    address: str

    def ready(self) -> Running:
        """Once it answers."""

        def answers() -> bool:
            assert self.process.poll() is None, f"the service ended with {self.process.returncode}"
            try:
                return httpx.get(f"{self.address}/readyz", timeout=PATIENCE).status_code == 200
            except httpx.HTTPError:
                return False

        until(answers, "the service is ready")
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stopped(self) -> int:
        """Told to stop; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)


@contextmanager
def running(house: House, *more: str, **environment: str) -> Iterator[Running]:
    """A service of a house, not waited for; killed at the end if it still runs."""
    port = free_port()
    command = [COMMAND, "serve", "--database", house.url, "--audit", str(house.audit)]
    command += ["--state", str(house.state), "--port", str(port), *more]
    settings = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    with house.log.open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=settings)
    try:
        yield Running(process, f"http://127.0.0.1:{port}")
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@dataclass
class Books:
    """What was sent, and what came of it; `stands` of a request: 200, another status, or 0 for no reply."""

    stands: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, str] = field(default_factory=dict)
    refusals: list[httpx.Response] = field(default_factory=list)
    alarming: set[str] = field(default_factory=set)  # events whose answer said that they deserve an alert
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(
        self, client: httpx.Client, kind: str, subject: str, method: str, url: str, **more: Any
    ) -> httpx.Response | None:
        """Send a request under an id of its own; None where no reply came."""
        with self._lock:
            name = f"{kind}-{len(self.stands)}"
            self.stands[name], self.kinds[name], self.subjects[name] = 0, kind, subject
        headers = {**more.pop("headers"), "x-request-id": name}
        try:
            answer = client.request(method, url, headers=headers, **more)
        except httpx.TransportError:
            return None
        with self._lock:
            self.stands[name] = answer.status_code
            if answer.status_code != 200:
                self.refusals.append(answer)
            elif kind == "fraud-events":
                told = answer.json()
                self.alarming |= {one["event_id"] for one in told.get("answers", [told]) if one["alert"]}
        return answer

    def acknowledged(self, kind: str = "") -> list[str]:
        """Requests that were answered with 200."""
        with self._lock:
            return [n for n, s in self.stands.items() if s == 200 and kind in ("", self.kinds[n])]

    def of(self, kind: str) -> tuple[set[str], set[str]]:
        """Subjects of a kind: those acknowledged, and all that were sent."""
        names = [name for name, one in self.kinds.items() if one == kind]
        known = {self.subjects[name] for name in names if self.stands[name] == 200}
        return known, {self.subjects[name] for name in names}

    def assert_kept(self, kind: str, found: Counter[str]) -> None:
        """What was acknowledged is there once; what was not, once at most; nothing else is."""
        known, sent = self.of(kind)
        assert known, f"nothing was acknowledged: {kind}"
        assert {one: found[one] for one in known} == dict.fromkeys(known, 1)
        assert max(found.values()) == 1
        assert set(found) <= sent


@dataclass
class Stream:
    """What moves the state of the study on events, in order; each is sent until it is acknowledged."""

    ops: list[tuple[str, Any]]
    place: int = 0

    @classmethod
    def of(cls, some: list[dict[str, Any]]) -> Stream:
        """Events alone and in threes, and now and then the label of an earlier one."""
        ops: list[tuple[str, Any]] = []
        place = 0
        while place + 3 <= len(some):
            if len(ops) % 7 == 6:
                label = {"label": len(ops) % 2, "known_at": some[place - 1]["time"]}
                ops.append(("outcomes", {"event_id": some[place - 4]["event_id"], **label}))
            step = 3 if len(ops) % 5 == 4 else 1
            ops.append(("events", some[place : place + step]))
            place += step
        return cls(ops)

    def body(self) -> tuple[str, str, Any]:
        """The next: what is asked, its subject, the body."""
        what, given = self.ops[self.place]
        if what == "outcomes":
            return what, given["event_id"], {"outcomes": [given]}
        return what, given[0]["event_id"], given[0] if len(given) == 1 else {"events": given}

    def apply(self, model: Any) -> None:
        """To another model, all that was acknowledged, in order."""
        for what, given in self.ops[: self.place]:
            if what == "events":
                model.update_many(given)
            else:
                model.learn_many([(given["event_id"], float(given["label"]), given["known_at"])])


class Load:
    """Threads that ask a service for everything that it must not lose, until stopped."""

    def __init__(self, house: House, address: str, books: Books, stream: Stream) -> None:
        self.house, self.address, self.books, self.stream = house, address, books, stream
        self.errors: list[BaseException] = []
        self._stop = threading.Event()
        work = (self._events, self._predict, self._limit, self._comment, self._label, self._approve)
        self._threads = [threading.Thread(target=self._repeat, args=(one,)) for one in work]

    def __enter__(self) -> Load:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for one in self._threads:
            one.join()
        if self.errors:
            raise self.errors[0]

    def _repeat(self, work: Callable[[httpx.Client], None]) -> None:
        try:
            with httpx.Client(timeout=PATIENCE) as client:
                while not self._stop.is_set():
                    work(client)
        except BaseException as error:  # noqa: BLE001 - the test raises it
            self.errors.append(error)

    def _ask(
        self, client: httpx.Client, role: str, kind: str, subject: str, path: str, body: Any
    ) -> httpx.Response | None:
        headers = self.house.headers(role)
        url = f"{self.address}{path}"
        answer = self.books.ask(client, kind, subject, "POST", url, json=body, headers=headers)
        if answer is None or answer.status_code != 200:
            time.sleep(0.05)
        return answer

    def _events(self, client: httpx.Client) -> None:
        if self.stream.place == len(self.stream.ops):
            self._stop.wait(0.05)
            return
        what, subject, body = self.stream.body()
        role = "scorer" if what == "events" else "admin"
        answer = self._ask(client, role, f"fraud-{what}", subject, f"{FRAUD}/{what}", body)
        if answer is not None and answer.status_code == 200:
            self.stream.place += 1

    def _predict(self, client: httpx.Client) -> None:
        self._ask(client, "scorer", "prediction", "", f"{CREDIT}/predict", {"records": [record()]})

    def _fresh(self) -> str:
        return f"n{time.monotonic_ns()}"

    def _limit(self, client: httpx.Client) -> None:
        name = self._fresh()
        body = {"study": "credit/default", "figure": "loss", "hard": 1.0, "owner": "admin", "entity": name}
        self._ask(client, "approver", "limit", name, "/v1/limits", {**body, **WHY})

    def _comment(self, client: httpx.Client) -> None:
        name = self._fresh()
        path = f"/v1/alerts/{self.house.alert}/comment"
        self._ask(client, "approver", "comment", name, path, {"words": name})

    def _label(self, client: httpx.Client) -> None:
        name = self._fresh()
        told = {"event_id": name, "label": 1, "known_at": "2026-01-01T00:00:00Z"}
        self._ask(client, "admin", "label", name, f"{CREDIT}/outcomes", {"outcomes": [told]})

    def _approve(self, client: httpx.Client) -> None:
        if self.house.proposed % 2 and self._stop.wait(0.5):
            return
        try:
            model = self.house.propose()
        except StorageError:  # the database is away from this process too
            self._stop.wait(0.2)
            return
        self._ask(client, "approver", "approval", model, f"/v1/models/{model}/approve", WHY)


def rest_acknowledged(house: House, address: str, books: Books, stream: Stream) -> None:
    """Of every kind something is acknowledged, at whatever speed; the stream goes on where it was cut off."""
    with Load(house, address, books, stream) as load:

        def complete() -> bool:
            assert not load.errors, load.errors
            return set(AUDITED) <= {books.kinds[name] for name in books.acknowledged()}

        until(complete, "a request of every kind is acknowledged")
    for _ in range(2):
        what, subject, body = stream.body()
        with httpx.Client(timeout=PATIENCE) as client:
            headers = house.headers("admin")
            url = f"{address}{FRAUD}/{what}"
            answer = books.ask(client, f"fraud-{what}", subject, "POST", url, json=body, headers=headers)
        assert answer is not None
        assert answer.status_code == 200, answer.text
        stream.place += 1
