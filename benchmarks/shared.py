"""Events a second over HTTP, by where the live state is kept: in a folder, or in Redis, shared by workers.

Payments arrive on sixteen connections at once, each sent when the one before it there is answered;
then in batches. The client is a process of its own, so that with two workers there are four on the machine,
Redis among them: on two cores that measures what sharing costs, not what a second machine brings. Redis
answers at BAROGRAPH_BENCH_REDIS, or at 127.0.0.1:6379; how it keeps what it is given is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import selectors
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import redis

from barograph.engines.scoring.answer import load
from barograph.service.shared.server import shortcomings
from measuring import Figure, show
from measuring.asked import Connection, free_port, serving
from measuring.streamed import bundles, payments

SERVER = os.environ.get("BAROGRAPH_BENCH_REDIS", "redis://127.0.0.1:6379/0")
MAIN = "from barograph.cli import main; main()"
CONNECTIONS, BATCH = 16, 500


def rate(connections: Sequence[Connection], messages: Sequence[bytes]) -> float:
    """Answers a second; messages leave in their order, each on the connection that is free."""
    waiting = selectors.DefaultSelector()
    rest = iter(messages)
    start, open_ = time.perf_counter(), 0
    for one in connections:
        waiting.register(one.socket, selectors.EVENT_READ, one)
        message = next(rest, None)
        if message is not None:
            one.socket.sendall(message)
            open_ += 1
    while open_:
        for key, _ in waiting.select():
            key.data.answer()
            message = next(rest, None)
            if message is None:
                open_ -= 1
            else:
                key.data.socket.sendall(message)
    return len(messages) / (time.perf_counter() - start)


def measured(
    name: str, bundle: Path, events: Sequence[dict[str, object]], more: Sequence[str]
) -> list[Figure]:
    """A fresh service, which takes in half the events one by one and the rest in batches."""
    port = free_port()
    path = f"/v1/studies/{load(bundle).manifest.study}/events"
    command = [sys.executable, "-c", MAIN, "serve", str(bundle), "--port", str(port), *more]
    half = len(events) // 2
    with serving(command, port, "/readyz"):
        time.sleep(2.0)  # until the second worker listens too
        many = [Connection(port, path) for _ in range(CONNECTIONS)]
        first = many[0]
        first.ask(first.message(json.dumps(events[0]).encode()))  # and somebody owns the state
        alone = rate(many, [first.message(json.dumps(one).encode()) for one in events[1:half]])
        parts = [events[at : at + BATCH] for at in range(half, len(events) - BATCH, BATCH)]
        batches = [first.message(json.dumps({"events": part}).encode()) for part in parts]
        together = BATCH * rate(many[:2], batches)
    return [
        Figure(f"{name}, {CONNECTIONS} connections", alone, "events/s", digits=0),
        Figure(f"{name}, batches of {BATCH}", together, "events/s", digits=0),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--bundles", type=Path, help="folder in which a bundle lies as `tabm`, or is put")
    given = parser.parse_args()
    past, arriving = payments(given.days)
    events = [{**one._asdict(), **one.columns} for one in arriving]
    for one in events:
        del one["columns"]
    client = redis.Redis.from_url(SERVER)
    for one in shortcomings(client):
        print(f"Redis: {one}")
    place = f"bench-{secrets.token_hex(4)}"
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as name:
        folder = given.bundles or Path(name)
        kept = folder / "tabm.txt"
        if not kept.exists():
            folder.mkdir(parents=True, exist_ok=True)
            kept.write_text(str(bundles(past, folder, networks=("tabm",), champions=("tabm",))["tabm"]))
        bundle = Path(kept.read_text())
        figures += measured("folder, one worker", bundle, events, ["--state", str(Path(name) / "state")])
        for workers, words in ((1, "one worker"), (2, "two workers")):
            more = ["--state", f"{SERVER}/{place}-{workers}", "--workers", str(workers)]
            figures += measured(f"redis, {words}", bundle, events, more)
    for pattern in (f"barograph:serve:{place}-*", f"barograph:state:serve-{place}-*"):
        for key in client.scan_iter(pattern, count=1_000):
            client.delete(key)
    show(f"{len(events):,} payments, states in a folder and in Redis", figures)


if __name__ == "__main__":
    main()
