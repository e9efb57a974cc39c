"""The service over HTTP by itself: five bundles ready, and payments one by one and in batches, in one worker.

It runs as a base install does, without numba. Beside others it is measured by `service_peers.py`. The bundles
are those of small runs, kept for the next one.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from barograph.engines.scoring.answer import load
from measuring import Figure, show
from measuring.asked import Connection, Process, free_port, serving
from measuring.five import WAYS, made
from measuring.streamed import payments

SINGLE, BATCHED, READY, MEMORY = 2_000.0, 10_000.0, 2.0, 250.0
BATCH = 500
BASE = "import sys; sys.modules['numba'] = None; from barograph.cli import main; main()"
"""A service of which the extra `[fast]` is not there."""


def events(bundle: Path, service: Process) -> list[Figure]:
    """Payments as they arrive: first one by one, then in batches."""
    _, arriving = payments(7)
    plain = [{**one._asdict(), **one.columns} for one in arriving]
    for one in plain:
        del one["columns"]
    half = len(plain) // 2
    one = Connection(service.port, f"/v1/studies/{load(bundle).manifest.study}/events")
    singles = [one.message(json.dumps(event).encode()) for event in plain[:half]]
    batches = [
        one.message(json.dumps({"events": plain[at : at + BATCH]}).encode())
        for at in range(half, len(plain) - BATCH, BATCH)
    ]
    start = time.perf_counter()
    for message in singles:
        one.ask(message)
    middle = time.perf_counter()
    for message in batches:
        one.ask(message)
    together = BATCH * len(batches) / (time.perf_counter() - middle)
    return [
        Figure("events one by one", half / (middle - start), "events/s", SINGLE, at_most=False, digits=0),
        Figure(f"events in batches of {BATCH}", together, "events/s", BATCHED, at_most=False, digits=0),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundles", type=Path, help="folder in which bundles lie, or are put")
    parser.add_argument("--only-make", action="store_true", help="make the bundles and measure nothing")
    given = parser.parse_args()
    found = {name: made(name, given.bundles) for name in WAYS}
    if given.only_make:
        return
    port = free_port()
    serve = [sys.executable, "-c", BASE, "serve", *map(str, found.values()), "--port", str(port)]
    with serving(serve, port, "/readyz") as service:
        figures = [Figure("ready with five bundles", service.seconds, "s", READY, digits=2)]
        figures.append(Figure("memory when ready", service.resident(), "MiB", MEMORY, digits=0))
        figures += events(found["events"], service)
        figures.append(Figure("memory at the end", service.resident(), "MiB", digits=0))
    show("The service over HTTP", figures)


if __name__ == "__main__":
    main()
