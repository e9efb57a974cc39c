"""The audit log: lines a second written and synced at the end, synced one by one by threads, and checked."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from barograph.govern.audit import Journal, verify_journals
from measuring import Figure, show

GOAL = 50_000.0
RECORD = {
    "actor": "scoring",
    "study": "credit/default",
    "model": "3f2a9c01b2c3",
    "input_hash": "a" * 64,
    "output": {"probability": 0.0123, "grade": "B"},
    "request": "0123456789abcdef",
}
WAITING = 16


def per_second(n: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return n / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000)
    n = parser.parse_args().lines
    durable = max(n // 100, WAITING)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = Journal(folder, "worker")

        def buffered() -> None:
            for _ in range(n):
                journal.write("prediction", **RECORD)
            journal.sync()

        def synced() -> None:
            with ThreadPoolExecutor(WAITING) as pool:
                list(pool.map(lambda _: journal.write("event", **RECORD), range(durable)))

        figures = [
            Figure("written, one thread", per_second(n, buffered), "lines/s", GOAL, at_most=False),
            Figure(f"synced before the reply, {WAITING} wait", per_second(durable, synced), "lines/s"),
        ]
        journal.close()
        whole = per_second(n + durable, lambda: verify_journals(folder))
        figures.append(Figure("verified", whole, "lines/s"))
    show(f"Audit log, {n:,} lines", figures)


if __name__ == "__main__":
    main()
