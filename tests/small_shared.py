"""States shared through Redis: a server of a test's own, and services whose workers are in this process."""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from barograph.service.service import Service
from barograph.service.shared.sharing import Shared
from services import REDIS, needed
from small_service import service

PATIENCE = 60.0


def a_name() -> str:
    return f"test-{secrets.token_hex(6)}"


@contextmanager
def a_shared_place() -> Iterator[str]:
    """An address of shared states on the server of the environment; they are gone afterwards."""
    url, name = needed(REDIS), a_name()
    try:
        yield f"{url}/{name}"
    finally:
        client = redis.Redis.from_url(url)
        for pattern in (f"barograph:serve:{name}:*", f"barograph:state:serve-{name}-*"):
            for key in client.scan_iter(pattern, count=1_000):
                client.delete(key)


def sharing(address: str, *names: str, lease: int | None = None, made: Service | None = None) -> Service:
    """A worker of a service whose states are shared."""
    one = made or service(*names)
    one.shared = Shared.at(address)
    if lease is not None:
        for served in one.studies:
            one.shared.memory(served.study).lease.milliseconds = lease
    return one


def until(condition: Any, *, within: float = PATIENCE, what: str = "") -> None:
    """Wait for a condition."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, what or "it did not happen in time"
        time.sleep(0.02)


def owners(study: str, *services: Service) -> list[Service]:
    """The workers that own a study now."""
    found = []
    for one in services:
        assert one.shared is not None
        if one.shared.memory(study).current:
            found.append(one)
    return found


@dataclass
class Server:
    """A Redis server of a test's own, that can be killed and started again."""

    folder: Path
    settings: tuple[str, ...]
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder.mkdir()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> Any:
        return redis.Redis(port=self.port)

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--dir", str(self.folder), *self.settings]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(self._answers, what="the server did not start")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False


DURABLE = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")
FORGETFUL = ("--save", "", "--appendonly", "no")


@contextmanager
def own_server(folder: Path, settings: tuple[str, ...] = DURABLE) -> Iterator[Server]:
    """A server that is started, and ended with the test."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    made = Server(folder, settings)
    made.start()
    try:
        yield made
    finally:
        made.kill()
