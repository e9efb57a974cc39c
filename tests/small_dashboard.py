"""A small service with something to show, as pages are looked at: users, models, limits, alerts, findings."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from barograph.api.models import proposal_of
from barograph.govern import limits, registry
from barograph.govern.access import Authenticator, add_user, mint_token
from barograph.govern.storage import Database, open_database
from barograph.service.app import application
from barograph.service.recording import opened
from barograph.service.service import Service
from barograph.service.studies import Studies
from patience import PATIENCE, until
from small_service import FRAUD, Client, bundles, events, free_port

PASSWORD = "correct horse battery staple"
PEOPLE = {"ada": "admin", "bob": "approver", "dev": "developer", "eve": "viewer"}


@dataclass(slots=True)
class Shown:
    """A service that listens, and what it is made of."""

    address: str
    service: Service
    database: Database
    folder: Path
    waiting: str  # the id of a model that was proposed and waits


def people(database: Database) -> None:
    """One of each role that matters; all have the same password."""
    for name, role in PEOPLE.items():
        add_user(database, name, role, by="first-start", password=PASSWORD)


def proposed(database: Database, folder: Path, bundle: str, name: str, *, by: str = "dev") -> str:
    """A bundle under a hash of its own, proposed; its model's id."""
    place = folder / name
    shutil.copytree(bundles()[bundle], place)
    manifest = json.loads((place / "manifest.json").read_text())
    (place / "manifest.json").write_text(json.dumps({**manifest, "created": name}))
    return registry.propose(database, proposal_of(place), by=by, why="spring review")


def governed(folder: Path) -> tuple[Database, Service, str]:
    """A database with people, a champion of each kind, a limit, findings, and a model that waits."""
    database = open_database(f"sqlite:///{folder}/barograph.db")
    people(database)
    for name in ("market", "credit", "fraud"):
        model = proposed(database, folder, name, name)
        registry.approve(database, model, by="bob", why="validated", months=12)
        registry.open_finding(
            database, model, severity="medium", what="No downturn in training.", owner="dev",
            due=dt.date(2027, 3, 31), by="bob",
        )  # fmt: skip
    limits.set_limit(
        database, "market/volatility", "var_99", soft=0.05, hard=0.08, owner="ada", why="appetite", by="bob"
    )
    limits.set_limit(
        database, "market/volatility", "es_99", entity="beta", hard=0.04, owner="ada", why="beta", by="bob"
    )
    waiting = proposed(database, folder, "credit", "second")
    recorder = opened(database, folder / "audit")
    made = Service(Studies(), Authenticator(database), database=database, recorder=recorder)
    return database, made, waiting


@contextmanager
def listening(served: Service) -> Iterator[str]:
    """The address of a service that listens in a thread of this process."""
    port = free_port()
    config = uvicorn.Config(
        application(served, log=False),
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,  # a browser's stream may stand open
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started or not thread.is_alive(), "the server has started")
    assert server.started
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


@contextmanager
def shown(folder: Path) -> Iterator[Shown]:
    """The small service, with alerts that came of events."""
    database, served, waiting = governed(folder)
    token = mint_token(database, "dev", by="ada")
    with listening(served) as address:
        headers = {"authorization": f"Bearer {token}"}
        httpx.post(f"{address}{FRAUD}/events", json={"events": events(40)}, headers=headers, timeout=PATIENCE)
        yield Shown(address, served, database, folder, waiting)


class Visitor:
    """Somebody with a browser's cookies, without the browser."""

    def __init__(self, client: Client) -> None:
        self.client, self.cookies = client, dict[str, str]()

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._kept("GET", path, headers)

    def post(
        self, path: str, *, csrf: str | None = None, headers: dict[str, str] | None = None, **fields: Any
    ) -> httpx.Response:
        """A form; without `csrf` with the mark of the page that was opened last."""
        data = {"csrf": self.csrf if csrf is None else csrf, **fields}
        return self._kept("POST", path, headers or {}, data=data)

    def log_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        self.get("/dashboard/login")
        answer = self.post("/dashboard/login", name=name, password=password)
        if answer.status_code == 303:
            self.get("/dashboard/account")
        return answer

    def _kept(self, method: str, path: str, headers: dict[str, str], **more: Any) -> httpx.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        told: dict[str, Any] = {"authorization": "", **headers}
        if cookies and "cookie" not in headers:
            told["cookie"] = cookies.encode("latin-1")
        answer = self.client.request(method, path, headers=told, **more)
        self.client.forget_cookies()
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
            if not self.cookies[name]:
                del self.cookies[name]
        found = re.search(r'name="csrf" value="(\w+)"', answer.text)
        self.csrf = found[1] if found else getattr(self, "csrf", "")
        return answer
