"""States shared through Redis: a server of a test's own, and services whose workers are in this process."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from barograph.service.service import Service
from barograph.service.shared.sharing import Shared
from patience import until
from services import REDIS, needed
from small_service import Client, service


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


def sharing(address: str, *names: str, made: Service | None = None) -> Service:
    """A worker of a service whose states are shared."""
    one = made or service(*names)
    one.shared = Shared.at(address)
    return one


def owners(study: str, *services: Service) -> list[Service]:
    """The workers that own a study now."""
    found = []
    for one in services:
        assert one.shared is not None
        if one.shared.memory(study).current:
            found.append(one)
    return found


def owner_of(study: str, *services: Service) -> Service:
    """The one worker that owns a study, once there is one."""
    (one,) = until(lambda: owners(study, *services), f"somebody owns {study}")
    return one


def silenced(client: Client, one: Service) -> None:
    """As if it had been killed some time ago: it says nothing more, and its leases have run out."""
    client.run(quiet(one))
    assert one.shared is not None
    for served in one.studies:
        one.shared.memory(served.study).lease.release()


async def quiet(one: Service) -> None:
    """It says nothing more about the states that it owns, which stay its own."""
    owners, one.owners = one.owners, []
    for owner in owners:
        assert owner._task is not None
        owner._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await owner._task
        await asyncio.to_thread(owner._thread.shutdown)


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
        until(self._answers, "Redis answers")

    def rewind(self, to: Path) -> None:
        """Killed, it forgets what came since its folder was copied; it is left to be started."""
        self.kill()
        shutil.rmtree(self.folder)
        shutil.copytree(to, self.folder)

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
