"""`barograph inspect` on a CSV of a gigabyte: wall clock and peak memory of the whole process."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from measuring import Figure, show

GOALS = {"seconds": 20.0, "memory": 1024.0}
ROWS = 20_000
"""Rows that are written again and again, each time with its own numbers in front."""


def write(path: Path, size: int) -> int:
    """Loans as a bank's export holds them, until the file has so many bytes; the number of rows."""
    stream = np.random.default_rng(0)
    money, rate = stream.lognormal(9.0, 1.0, ROWS), stream.uniform(2.0, 20.0, ROWS)
    purpose = stream.choice(["car", "debt consolidation", "house", ""], ROWS)
    tails = [
        f",{money[i]:.2f},{rate[i]:.3f},20{10 + i % 15}-{1 + i % 12:02d}-{1 + i % 28:02d},{purpose[i]},"
        f"{'' if i % 20 == 0 else i % 70},{'yes' if i % 7 == 0 else 'no'}\n"
        for i in range(ROWS)
    ]
    rows = 0
    with path.open("w") as out:
        out.write("loan_id,amount,interest_rate,issued,purpose,age,default\n")
        while out.tell() < size:
            out.writelines(f"{rows + i}{tail}" for i, tail in enumerate(tails))
            rows += ROWS
    return rows


def measured(path: Path) -> tuple[float, float]:
    """Seconds and peak MiB of one inspection, in a process of its own."""
    code = "import sys; from barograph.cli import main; main(['inspect', sys.argv[1]])"
    began = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"barograph inspect failed: {status}")
    return time.perf_counter() - began, used.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="barograph-") as folder:
        path = Path(folder) / "loans.csv"
        rows = write(path, int(given.gigabytes * 1e9))
        seconds, mebibytes = measured(path)
    goal = given.gigabytes == 1.0
    figures = [
        Figure("wall clock", seconds, "s", GOALS["seconds"] if goal else None, digits=1),
        Figure("peak memory", mebibytes, "MiB", GOALS["memory"] if goal else None, digits=0),
    ]
    show(f"barograph inspect of {given.gigabytes:g} GB of CSV, {rows:,} rows", figures)


if __name__ == "__main__":
    main()
