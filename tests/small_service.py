"""Small real bundles in service, asked in this process: what the tests of the service share."""

from __future__ import annotations

import asyncio
import atexit
import functools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np

import small_events
import small_scoring
import small_study
from barograph.govern.access import ROLES, Principal
from barograph.service.access import OneToken, no_token
from barograph.service.app import application
from barograph.service.rolling import started as begun
from barograph.service.rolling import stopped
from barograph.service.service import Service
from barograph.service.settings import Limits
from barograph.service.studies import Served, Studies
from patience import PATIENCE, until

Answer = TypeVar("Answer")
TOKEN = "token-of-the-tests"
COMMAND = str(Path(sys.executable).with_name("barograph"))
HEADERS = {"authorization": f"Bearer {TOKEN}"}
CREDIT, FRAUD, MARKET = (
    "/v1/studies/" + name for name in ("credit/default", "operational/fraud", "market/volatility")
)


@functools.cache
def market() -> Path:
    """The bundle of a market study of one quick network."""
    folder = Path(tempfile.mkdtemp(prefix="barograph-service-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    study = small_study.small_study(
        model__networks=("mlp",), train__seeds=1, train__max_steps=20, evaluate__test_since="2019-12-02"
    )
    table = small_study.market()
    walk = small_study.walked(table, study, folder / "work")
    return small_study.bundled(walk, study, "combination", table, folder / "bundle")


def bundles() -> dict[str, Path]:
    """A bundle on records, one on events, one of series."""
    return {"credit": small_scoring.finished().bundle, "fraud": small_events.bundle(), "market": market()}


def service(*names: str, limits: Limits | None = None, access: Any = None) -> Service:
    """A service of some of the bundles, all without names."""
    chosen = [folder for name, folder in bundles().items() if not names or name in names]
    return Service(
        Studies([Served.open(folder) for folder in chosen]),
        access or OneToken.of(TOKEN),
        limits=limits or Limits(),
    )


class Client:
    """Asks an application on an event loop of its own, from any number of threads."""

    def __init__(self, app: Any, **headers: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.run(self._client.request(method, path, **more))

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Something else on the loop of the application."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    def forget_cookies(self) -> None:
        self._client.cookies.clear()

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._client.aclose(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def asked(served: Service) -> Iterator[Client]:
    """A client of a service that is open meanwhile."""
    served.open()
    client = Client(application(served, log=False), **HEADERS)
    client.run(begun(served))
    try:
        yield client
    finally:
        client.run(stopped(served))
        client.close()
        served.close()


class Roles:
    """Access of the tests: a token is the name of its role."""

    def known(self, token: str) -> Principal | None:
        role = next((one for one in ROLES if one == token), None)
        return None if role is None else Principal(token, role, token)

    def principal(self, token: str) -> Principal:
        raise no_token(token)


def record(place: int = 0) -> dict[str, Any]:
    """A loan of the made book as a request has it; NaN is null."""
    row = small_scoring.book().drop("bad", "customer", "sex").row(place, named=True)
    return {**row, "made": row["made"].isoformat()}


def events(n: int = 40) -> list[dict[str, Any]]:
    """Events that arrive after the bundle's, as JSON has them."""
    found = []
    for one in small_events.as_live(small_events.past_and_rest()[1])[:n]:
        plain = one._asdict()
        columns = {key: None if value != value else value for key, value in plain.pop("columns").items()}
        moment = np.datetime64(plain["time"], "us").item().isoformat() + "+00:00"
        found.append({**plain, "time": moment, **columns})
    return found


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def started(*arguments: str, token: str = "") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service as a process, and its address; ready when this returns."""
    port = free_port()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", "BAROGRAPH_TOKEN": token}
    process = subprocess.Popen(
        [COMMAND, "serve", *arguments, "--port", str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        try:
            return httpx.get(f"{address}/readyz", timeout=PATIENCE).status_code == 200
        except httpx.TransportError:
            return False

    try:
        until(ready, "the service is ready")
        yield process, address
    finally:
        if process.poll() is None:
            process.kill()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        process.wait()
