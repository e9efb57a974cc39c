"""How fast a large Parquet file is held against a contract, on one core and in bounded memory.

The file is made of seeded draws, eight columns of numbers, texts and days; the contract says something of
each: ranges, lists of values, empty cells, a key that must name every row, the age of the newest row.
"""

from __future__ import annotations

import os

os.environ["POLARS_MAX_THREADS"] = "1"  # one core, before polars starts its threads

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from barograph.api.inspection import check
from measuring import Figure, median, show

GOAL = 2e6
"""Rows a second on one core."""
PART = 1_000_000
TABLE = "loans.parquet"
CONTRACT = """
columns:
  loan: {type: whole, unique: true, nullable: false, minimum: 0}
  customer: {type: text, nullable: false}
  amount: {type: number, unit: EUR, minimum: 0, nullable: false}
  rate: {type: number, unit: decimal, minimum: 0, maximum: 1}
  term: {type: whole, allowed: [12, 24, 36, 48, 60]}
  grade: {type: text, allowed: [A, B, C, D, E, F], nullable: false}
  made: {type: date, minimum: 2000-01-01, maximum: today}
  bad: {type: whole, allowed: [0, 1], nullable: false}
freshness: {column: made, days: 36500}
least_rows: 1000
other_columns: refused
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--make", type=Path, help="only write the file into this folder")
    given = parser.parse_args()
    if given.make is not None:
        written(given.make, given.rows)
        return
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as name:
        folder = Path(name)
        (folder / "contract.yaml").write_text(CONTRACT)
        words = [sys.executable, __file__, "--make", str(folder), "--rows", str(given.rows)]
        subprocess.run(words, check=True)  # in a process of its own, which does not count for the peak here
        table = folder / TABLE
        before, taken, spent = peak(), [], []
        for _ in range(given.rounds):
            start, used = time.perf_counter(), time.process_time()
            found = check(table, folder / "contract.yaml")
            taken.append(time.perf_counter() - start)
            spent.append(time.process_time() - used)
            if found.refusal is not None or found.findings.rows != given.rows:
                raise SystemExit(f"the file must keep its contract: {found.refusal}")
        size = table.stat().st_size / 2**20
    figures = [
        Figure("rows held against the contract", given.rows / median(taken), "rows a second", GOAL, False, 0),
        Figure("the same, by processor time", given.rows / median(spent), "rows a second", digits=0),
        Figure("the whole file", median(taken), "s"),
        Figure("the file", size, "MiB", digits=0),
        Figure("memory above that before", max(peak() - before, 0.0), "MiB", digits=0),
    ]
    show(
        f"A contract of 8 columns on {given.rows:,} rows of Parquet, one core, median of {given.rounds}",
        figures,
    )


def written(folder: Path, rows: int) -> None:
    """The file, made part by part."""
    random = np.random.default_rng(7)
    lazy = [folder / f"{first}.parquet" for first in range(0, rows, PART)]
    for place, one in enumerate(lazy):
        part(random, place * PART, min(PART, rows - place * PART)).write_parquet(one)
    pl.scan_parquet(lazy).sink_parquet(folder / TABLE)
    for one in lazy:
        one.unlink()


def part(random: np.random.Generator, first: int, rows: int) -> pl.DataFrame:
    loan = random.permutation(rows) + first
    day = np.datetime64("2000-01-01") + random.integers(0, 9_000, rows)
    return pl.DataFrame(
        {
            "loan": loan,
            "customer": pl.Series(random.integers(0, 3_000_000, rows)).cast(pl.String),
            "amount": random.lognormal(9.0, 1.0, rows).round(2),
            "rate": pl.Series(random.random(rows)).set(pl.Series(random.random(rows) < 0.02), None),
            "term": random.choice([12, 24, 36, 48, 60], rows),
            "grade": random.choice(list("ABCDEF"), rows),
            "made": day.astype("datetime64[D]"),
            "bad": (random.random(rows) < 0.1).astype(np.int8),
        }
    )


def peak() -> float:
    """Peak resident memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


if __name__ == "__main__":
    main()
