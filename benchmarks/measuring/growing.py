"""One point of a curve of growth, in a process of its own: `python growing.py PART SIZE` prints its seconds.

Peak memory is what the work takes at most beyond what stood before it, imports and inputs. A point may have
three quarters of the machine's memory: what wants more fails as a program, and takes nothing else down. Linux
alone tells this.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import torch

from barograph.core.fitted_events import EventPlan
from barograph.core.records import Panel
from barograph.core.study import PrepareSection
from barograph.engines.scoring.answer import load
from barograph.prepare.events.replay import replay
from barograph.prepare.samples import build
from measuring.cache import CACHE
from measuring.five import loans, made
from measuring.made_up_events import table
from measuring.market import ranges
from measuring.walk import walk

STEPS, BATCH, RATE = 50, 128, 3e-3
DAYS = 300
LEAST = 0.5
"""MiB below which a peak is not told apart from none."""
MEMORY = 0.75
"""Share of the machine's memory that a point may take."""


def folds(size: int) -> Callable[[], object]:
    """A walk-forward of so many refits, 50 steps each, in one stack."""
    prices = ranges(size)
    return lambda: walk(prices, "mlp", steps=STEPS, batch=BATCH, rate=RATE)


def seeds(size: int) -> Callable[[], object]:
    """One fit by so many seeds, 50 steps each, in one stack."""
    prices = ranges(1)
    return lambda: walk(prices, "mlp", steps=STEPS, batch=BATCH, rate=RATE, seeds=size)


def series(size: int) -> Callable[[], object]:
    """So many made price series of 300 days, prepared for a forecast."""
    random = np.random.default_rng(0)
    closes = 100.0 * np.exp(np.cumsum(0.01 * random.normal(size=(size, DAYS)), axis=1))
    days = np.datetime64("2015-01-01") + np.arange(DAYS)
    columns = {name: pl.Series([None] * (size * DAYS), dtype=pl.Float64) for name in ("open", "high", "low")}
    frame = pl.DataFrame(
        {
            "entity": np.repeat([f"s{one:04d}" for one in range(size)], DAYS),
            "time": np.tile(days, size),
            **columns,
            "close": closes.ravel(),
            "volume": columns["open"],
        }
    )
    panel = Panel(frame)
    return lambda: build(panel, PrepareSection())


def scored(size: int) -> Callable[[], object]:
    """A Parquet of so many loans, scored into another."""
    model, out = load(made("credit")), Path(tempfile.mkdtemp(prefix="barograph-bench-")) / "out.parquet"
    file = loans_file(size)

    def work() -> None:
        model.predict_file(file, out)
        out.unlink()
        out.parent.rmdir()

    return work


def loans_file(size: int) -> Path:
    """A file of so many loans, made by the first who asks."""
    file = CACHE / "growth" / f"{size}.parquet"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = loans().drop("bad")
        block = pl.concat([part] * -(-min(size, 100_000) // part.height)).head(min(size, 100_000))
        pl.concat([block.lazy()] * -(-size // block.height)).head(size).sink_parquet(file)
    return file


def ready(size: int) -> Callable[[], object]:
    """What `scored` reads, so that its own process makes nothing."""
    made("credit")
    return lambda: loans_file(size)


def events(size: int) -> Callable[[], object]:
    """The features of a table of so many events, all at once."""
    some = table(size)
    return lambda: replay(some, EventPlan())


WORKS: dict[str, Callable[[int], Callable[[], object]]] = {
    "folds": folds, "seeds": seeds, "series": series, "ready": ready, "scored": scored, "events": events,
}  # fmt: skip


def main() -> None:
    part, size = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(1)
    most = int(MEMORY * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    work = WORKS[part](size)
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on
    before = resident("VmRSS")
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "mebibytes": max(resident("VmHWM") - before, LEAST)}))


def resident(what: str) -> float:
    """Memory of this process as Linux tells it, MiB: now (`VmRSS`) or at the peak (`VmHWM`)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{what}:"))


if __name__ == "__main__":
    main()
