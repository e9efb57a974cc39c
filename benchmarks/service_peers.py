"""The service beside its peers on the same net: a lean Starlette app, LitServe, MLflow's scoring server.

Every side is a process of its own in an environment of its own (`benchmarks/peers/`, pinned), with one
worker, and is asked for the figure of the same record, which must be the same. In each round all of them are
started one after the other (ready, memory); then, all running, each is asked over one connection that stays
open and over sixteen at once. Of ours the whole record goes in and a validated answer comes out; of the
others the numbers that the net reads.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from measuring import Figure, show
from measuring.asked import Connection, free_port, rate, serving
from measuring.beside import (
    DURABLE,
    GOVERNED,
    LEAN,
    LITSERVE,
    MLFLOW,
    NULL,
    OURS,
    Question,
    Server,
    ours,
    peers,
    question,
)
from measuring.five import made
from measuring.rounds import Rounds, measured

CONNECTIONS = 16
WARM = 50


def started(servers: Sequence[Server]) -> dict[str, float]:
    """Seconds until each is ready, and its memory then, one alone at a time."""
    found = {}
    for one in servers:
        port = free_port()
        with serving(one.command(port), port, one.ready, one.environment) as process:
            found[f"ready {one.name}"] = process.seconds
            found[f"memory {one.name}"] = process.resident()
    return found


class Asked:
    """Servers that run, each asked in its turn over connections that stay open for that long."""

    def __init__(self, stack: ExitStack, servers: Sequence[Server], asked: Question) -> None:
        self.servers, self.ports = servers, {one.name: free_port() for one in servers}
        for one in servers:
            port = self.ports[one.name]
            stack.enter_context(serving(one.command(port), port, one.ready, one.environment))
            with self.open(one) as (lines, message):
                told = one.figure(json.loads(lines[0].ask(message)))
            if told is not None and abs(told - asked.figure) > 1e-6:
                raise RuntimeError(f"{one.name} answers {told}, the bundle {asked.figure}")

    @contextmanager
    def open(self, one: Server) -> Iterator[tuple[list[Connection], bytes]]:
        """Connections to a server, and its message. Servers close those that say nothing for seconds."""
        lines = [Connection(self.ports[one.name], one.path, one.token) for _ in range(CONNECTIONS)]
        try:
            yield lines, lines[0].message(one.content)
        finally:
            for line in lines:
                line.close()

    def round(self, requests: int, seconds: float) -> Mapping[str, float]:
        """Half of the requests over one connection within so many µs, and requests a second over sixteen."""
        found = {}
        for one in self.servers:
            with self.open(one) as (lines, message):
                taken = [_seconds(lines[0], message) for _ in range(WARM + requests)][WARM:]
                found[f"p50 {one.name}"] = 1e6 * float(np.median(taken))
                found[f"rate {one.name}"] = rate(lines, message, seconds)
        return found


def _seconds(line: Connection, message: bytes) -> float:
    start = time.perf_counter()
    line.ask(message)
    return time.perf_counter() - start


def table(starts: Rounds, asks: Rounds, names: Sequence[str]) -> list[Figure]:
    """Every figure, and the ratios that goals are about, with the least and the most of all rounds."""

    def times(
        rounds: Rounds, case: str, kind: str, one: str, other: str, goal: float | None, at_most: bool = False
    ) -> list[Figure]:
        if not {one, other} <= set(names):
            return []
        middle, low, high = rounds.ratio(f"{kind} {one}", f"{kind} {other}")
        return [Figure(f"  {case} ({low:.2f} to {high:.2f})", middle, "times", goal, at_most, digits=2)]

    figures = [Figure(f"one row, p50: {name}", asks.middle(f"p50 {name}"), "µs", digits=0) for name in names]
    figures += times(asks, "Barograph over the lean app", "p50", OURS, LEAN, 2.0, True)
    figures += times(asks, "MLflow over Barograph", "p50", MLFLOW, OURS, 8.0)
    figures += times(asks, "LitServe over Barograph", "p50", LITSERVE, OURS, None)
    figures += times(asks, "database, audit and state over Barograph alone", "p50", GOVERNED, OURS, None)
    figures += times(asks, "--durable over Barograph alone", "p50", DURABLE, OURS, None)
    at_once = f"{CONNECTIONS} connections"
    figures += [
        Figure(f"{at_once}: {name}", asks.middle(f"rate {name}"), "requests/s", digits=0) for name in names
    ]
    figures += times(asks, "Barograph over MLflow", "rate", OURS, MLFLOW, 8.0)
    figures += times(asks, "with database, audit and state over MLflow", "rate", GOVERNED, MLFLOW, None)
    figures += times(asks, "Barograph over the lean app", "rate", OURS, LEAN, None)
    figures += [Figure(f"ready: {name}", starts.middle(f"ready {name}"), "s", digits=2) for name in names]
    figures += times(starts, "MLflow over Barograph", "ready", MLFLOW, OURS, 8.0)
    figures += [
        Figure(f"memory when ready: {name}", starts.middle(f"memory {name}"), "MiB", digits=0)
        for name in names
    ]
    figures += times(starts, "Barograph over MLflow", "memory", OURS, MLFLOW, 0.25, True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--starts", type=int, default=3, help="rounds of starting all of them")
    parser.add_argument("--requests", type=int, default=300, help="of a round over one connection")
    parser.add_argument("--seconds", type=float, default=1.0, help="of a round over sixteen")
    parser.add_argument("--bundles", type=Path, help="folder in which bundles lie, or are put")
    given = parser.parse_args()
    bundle = made("credit", given.bundles)
    asked = question(bundle)
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as name, ExitStack() as stack:
        others, missing = peers(bundle / "parts" / "live.onnx", asked, Path(name))
        servers = [*others, *ours(bundle, asked, Path(name))]
        starts = measured(lambda: started(servers), f"ready {NULL}", given.starts)
        running = Asked(stack, servers, asked)
        asks = measured(lambda: running.round(given.requests, given.seconds), f"p50 {NULL}", given.rounds)
    notes = [f"Starts: {starts.note()} Requests: {asks.note()}", *missing]
    show(
        "The service beside its peers, on the same net",
        table(starts, asks, [one.name for one in servers]),
        notes,
    )


if __name__ == "__main__":
    main()
