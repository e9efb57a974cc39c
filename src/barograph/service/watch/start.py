"""`barograph watch`: what its flags name, put together."""

from __future__ import annotations

import hashlib
import json
import re
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from barograph.api.answer import load
from barograph.api.live import EventScorer
from barograph.core.address import address_of
from barograph.core.contracts import StateStore
from barograph.core.errors import BundleError, SettingError
from barograph.deploy.bundle import MANIFEST
from barograph.deploy.state import FolderStore
from barograph.deploy.state_redis import RedisStore
from barograph.service.shared.lease import Lease
from barograph.service.shared.server import connected, server_and_name, server_of
from barograph.service.watch.answering import Answerer
from barograph.service.watch.entries import reader
from barograph.service.watch.streams import Streams
from barograph.service.watch.worker import Worker

GROUP = "barograph"
MODEL = 12
"""Digits of the manifest's hash that name a model, as in the registry."""
SHOWN = 60
"""Characters of a state's name that are for people."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The flags of `barograph watch`."""

    bundle: Path
    source: str  # redis://host:port/0/stream
    results: str | None  # a stream's name on the same server; None: see `results_of`
    state: str  # a folder, or redis://host:port/0
    group: str = GROUP
    every: float = 30.0  # seconds between snapshots
    keep: int | None = None  # answers kept in the stream, about


def watch(wanted: Wanted, *, until_idle: bool = False) -> dict[str, int]:
    """Score a stream until told to stop (SIGTERM, SIGINT); how many entries became what.

    Raises
    ------
    BundleError
        The bundle is not of a study on events.
    SettingError
        An address cannot be used.
    StorageError
        See `Worker.run`.
    """
    scorer = load(wanted.bundle)
    if not isinstance(scorer, EventScorer):
        raise BundleError(
            "a stream of events needs a bundle of a study on events",
            came=f"'{scorer.manifest['study']}' is none",
            do="Run operational/fraud or operational/laundering, or one like them, and name its bundle",
        )
    server, stream = server_and_stream(wanted.source)
    streams = Streams(
        connected(server),
        source=stream,
        results=wanted.results or results_of(stream, wanted.group),
        group=wanted.group,
        read=reader(scorer.scorer.numeric),
        keep=wanted.keep,
    )
    bundle = hashlib.sha256((wanted.bundle / MANIFEST).read_bytes()).hexdigest()
    worker = Worker(
        Answerer(scorer, bundle[:MODEL]),
        streams,
        store_at(wanted.state, server, streams.lease),
        name=state_name(server, stream, wanted.group),
        bundle=bundle,
        log=_log,
        every=wanted.every,
    )
    with _Signals(worker):
        worker.run(until_idle=until_idle)
    return worker.answerer.counts


def results_of(stream: str, group: str) -> str:
    """Where a group's answers go by default: each group has its own state, and its own answers."""
    return f"{stream}:scores" if group == GROUP else f"{stream}:{group}:scores"


def state_name(server: str, stream: str, group: str) -> str:
    """The name of a worker's state: no two servers, databases, streams or groups share one."""
    parts = urlsplit(server)
    whole = json.dumps([parts.hostname, parts.port, parts.path, stream, group])
    shown = re.sub(r"[^A-Za-z0-9._-]", "-", f"watch-{stream}-{group}")[:SHOWN]
    return f"{shown}-{hashlib.sha256(whole.encode()).hexdigest()[:12]}"


def server_and_stream(source: str) -> tuple[str, str]:
    """The server's address and the name of the stream (see `server_and_name`)."""
    return server_and_name(source, option="--from", what="STREAM")


def store_at(state: str, server: str, lease: Lease) -> StateStore:
    """Where states are kept: a folder, or Redis; on the stream's own server only by who owns the stream."""
    if address_of(state) is None:
        return FolderStore(state)
    place = server_of(state)
    if place is None:
        raise SettingError(
            "--state must be a folder or redis://HOST:PORT/DATABASE",
            came=f"got '{state}'",
            do="Name a folder, or the server that all workers reach",
        )
    client = connected(place.opened)
    if _database(place.opened) != _database(server):
        return RedisStore(client)

    def put(key: str, content: bytes) -> None:
        for one in lease.guarded([("SET", key, content)]) or ():
            if isinstance(one, Exception):
                raise one

    return RedisStore(client, put=put)


def _database(server: str) -> tuple[str | None, int, str]:
    """What of an address tells one database of one server from another."""
    parts = urlsplit(server)
    return parts.hostname, parts.port or 6379, parts.path.strip("/") or "0"


class _Signals:
    """While it is entered, SIGTERM and SIGINT let the worker finish what it has read."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.before: dict[int, Any] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self.before[number] = signal.signal(number, self._stop)

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.worker.stopped = True


def _log(what: str, facts: dict[str, Any]) -> None:
    print(json.dumps({"time": round(time.time(), 3), "what": what, **facts}), file=sys.stderr, flush=True)
