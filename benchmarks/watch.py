"""The stream worker: entries a second of one process, from one Redis stream to another.

The bundle is the tabular network of a small simulated world of payments, as in live.py. The entries lie in
the stream before the worker starts; what is timed is reading, features, score and answers. Rates are medians
of rounds. Redis answers at BAROGRAPH_BENCH_REDIS, or at 127.0.0.1:6379.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import redis

from barograph.api.answer import load
from barograph.api.live import EventScorer
from barograph.deploy.state import MemoryStore
from barograph.engines.scoring.live_events import LiveEvent
from barograph.service.watch.answering import Answerer
from barograph.service.watch.entries import reader
from barograph.service.watch.streams import Streams
from barograph.service.watch.worker import WAIT, Worker
from measuring import Figure, show
from measuring.streamed import bundles, payments

GOAL = 5_000.0
SERVER = os.environ.get("BAROGRAPH_BENCH_REDIS", "redis://127.0.0.1:6379/0")


def rate(bundle: Path, client: redis.Redis, entries: Sequence[dict[str, str]]) -> float:
    """Entries a second of one fresh worker."""
    name = f"barograph-bench-{secrets.token_hex(6)}"
    try:
        pipe = client.pipeline(transaction=False)
        for one in entries:
            pipe.xadd(name, one)
        pipe.execute()
        scorer = load(bundle)
        assert isinstance(scorer, EventScorer)
        read = reader(scorer.scorer.numeric)
        streams = Streams(client, name, f"{name}:scores", "bench", read)
        worker = Worker(
            Answerer(scorer, "bench"), streams, MemoryStore(), "bench", "bench", lambda *_: None, every=3600.0
        )
        start = time.perf_counter()
        worker.run(until_idle=True)
        taken = time.perf_counter() - start - WAIT / 1000  # the last read waits in vain
        assert client.xlen(f"{name}:scores") == len(entries)
        return len(entries) / taken
    finally:
        client.delete(name, f"{name}:scores", f"barograph:watch:{name}:bench")


def as_entry(event: LiveEvent) -> dict[str, str]:
    plain = event._asdict()
    return {"event": json.dumps({**plain.pop("columns"), **plain})}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    past, events = payments(given.days)
    client = redis.Redis.from_url(SERVER)
    entries = [as_entry(one) for one in events]
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as folder:
        made = bundles(past, Path(folder), networks=("tabm",), champions=("tabm",))
        found = [rate(made["tabm"], client, entries) for _ in range(given.rounds)]
    figures = [
        Figure("tabm, one process", statistics.median(found), "entries/s", GOAL, at_most=False, digits=0),
        Figure("tabm, slowest round", min(found), "entries/s", digits=0),
    ]
    show(f"{len(entries):,} payments from stream to stream, {given.rounds} rounds", figures)


if __name__ == "__main__":
    main()
