"""The service over HTTP, beside a bare application that parses JSON and calls ONNX Runtime on the same net.

Both run as processes of their own and take turns, request by request, over connections that stay open; the
client is a third process. The service runs as a base install does, without numba. The bundles are those of
small runs; a folder of them, made by a first call, may be named. Rates of events are of one worker.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import barograph as bg
from barograph.engines.scoring.answer import load
from barograph.engines.scoring.live_rows import NUMBERS, feeds_of
from measuring import Figure, show
from measuring.asked import Connection, Process, free_port, rate, serving
from measuring.served import small_bundle
from measuring.streamed import bundles, payments

RATIO, SINGLE, BATCHED, READY, MEMORY = 2.0, 2_000.0, 10_000.0, 2.0, 250.0
BATCH, CONNECTIONS, SECONDS = 500, 16, 3.0
BASE = "import sys; sys.modules['numba'] = None; from barograph.cli import main; main()"
"""A service of which the extra `[fast]` is not there."""
BARE = Path(__file__).parent / "measuring" / "bare.py"
FEW = ["probability", "grade"]
ROWS, YEARS = 3_000, range(2010, 2017)


def loans() -> pl.DataFrame:
    """A made book of loans."""
    random = np.random.default_rng(0)
    day = np.sort(random.integers(0, 365 * len(YEARS), ROWS))
    income, debt = random.lognormal(1.0, 0.5, ROWS), random.uniform(0.0, 100.0, ROWS)
    chance = 1.0 / (1.0 + np.exp(1.5 + np.log(income) - debt / 40.0))
    return pl.DataFrame(
        {
            "made": np.datetime64(f"{YEARS[0]}-01-01") + day,
            "income": income.round(3),
            "debt": debt.round(2),
            "tenure": random.uniform(0.0, 40.0, ROWS).round(2),
            "amount": random.lognormal(9.0, 0.6, ROWS).round(2),
            "region": random.choice(["north", "south", "east"], ROWS),
            "bad": (random.random(ROWS) < chance).astype(int),
        }
    )


def made(folder: Path) -> dict[str, Path]:
    """Five bundles, those that lie there already as they are."""
    past, _ = payments(7)
    settings: dict[str, Any] = {
        "collect.known_after": 12,
        "collect.deny": {},
        "collect.amount": "amount",
        "model.hazard": "",
        "evaluate.origins": [2015],
        "evaluate.development": [2015],
        "deploy.champion": "tabm",
    }

    def credit(place: Path) -> Path:
        options = {"data": loans(), "target": "bad", "time": "made", "settings": settings}
        return bg.run("credit/default", budget="quick", network=["tabm"], out=place, **options).bundle

    ways = {
        "credit": credit,
        "events": lambda place: bundles(past, place, networks=("tabm",), champions=("tabm",))["tabm"],
        "market": small_bundle,
        "german": lambda place: bg.run("credit/german", budget="quick", out=place).bundle,
        "rate": lambda place: bg.run("credit/default-rate", budget="quick", out=place).bundle,
    }
    found = {}
    for name, way in ways.items():
        kept = folder / f"{name}.txt"
        if not kept.exists():
            kept.write_text(str(way(folder / name)))
        found[name] = Path(kept.read_text())
    return found


def one_row(bundle: Path, service: Process, bare: Process, rounds: int) -> list[Figure]:
    """One record, few figures and all of them, in turn with the bare application."""
    model = load(bundle)
    row = next(model.parts.reference.table.iter_rows(named=True))
    record = {**row, "made": "2016-05-02"}
    path = f"/v1/studies/{model.manifest.study}/predict"
    numbers = {"numbers": feeds_of(model.parts.encoder, model.parts.reference)[NUMBERS][0].tolist()}
    asks = {
        "few": (Connection(service.port, path), {"records": [record], "figures": FEW}),
        "all": (Connection(service.port, path), {"records": [record]}),
        "bare": (Connection(bare.port, "/predict"), numbers),
    }
    ready = {name: (one, one.message(json.dumps(body).encode())) for name, (one, body) in asks.items()}
    told = {name: json.loads(one.ask(message)) for name, (one, message) in ready.items()}
    gap = abs(told["few"]["answers"][0]["probability"] - told["bare"]["probability"])
    if gap > 1e-6:
        raise RuntimeError(f"the two do not answer alike: {told}")
    half = {name: 1e6 * value for name, value in in_turn(ready, rounds).items()}
    busy = {
        name: rate([Connection(place, where) for _ in range(CONNECTIONS)], ready[name][1], SECONDS)
        for name, place, where in (("few", service.port, path), ("bare", bare.port, "/predict"))
    }
    return [
        Figure("bare application, one row, p50", half["bare"], "us", digits=0),
        Figure("probability and grade of one row, p50", half["few"], "us", digits=0),
        Figure("  times the bare application", half["few"] / half["bare"], "", RATIO, digits=2),
        Figure("every figure of one row, p50", half["all"], "us", digits=0),
        Figure(f"bare application, {CONNECTIONS} connections", busy["bare"], "requests/s", digits=0),
        Figure(f"probability and grade, {CONNECTIONS} connections", busy["few"], "requests/s", digits=0),
    ]


def in_turn(asks: Mapping[str, tuple[Connection, bytes]], rounds: int) -> dict[str, float]:
    """Middle seconds of each, one request of each per round."""
    taken: dict[str, list[float]] = {name: [] for name in asks}
    for number in range(rounds + 50):
        for name, (one, message) in asks.items():
            start = time.perf_counter()
            one.ask(message)
            if number >= 50:
                taken[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) for name, values in taken.items()}


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
    parser.add_argument("--rounds", type=int, default=3_000)
    parser.add_argument("--bundles", type=Path, help="folder in which bundles lie, or are put")
    parser.add_argument("--only-make", action="store_true", help="make the bundles and measure nothing")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as name:
        folder = given.bundles or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        found = made(folder)
        if given.only_make:
            return
        first, second = free_port(), free_port()
        serve = [sys.executable, "-c", BASE, "serve", *map(str, found.values()), "--port", str(first)]
        graph = str(found["credit"] / "parts" / "live.onnx")
        with (
            serving(serve, first, "/readyz") as service,
            serving([sys.executable, str(BARE), graph, str(second)], second, "/predict") as bare,
        ):
            figures = [Figure("ready with five bundles", service.seconds, "s", READY, digits=2)]
            figures.append(Figure("memory when ready", service.resident(), "MiB", MEMORY, digits=0))
            figures += one_row(found["credit"], service, bare, given.rounds)
            figures += events(found["events"], service)
            figures.append(Figure("memory at the end", service.resident(), "MiB", digits=0))
    show("The service over HTTP", figures)


if __name__ == "__main__":
    main()
