"""What the benchmarks share: cases timed in turn, and one form of table."""

from __future__ import annotations

import compileall
import datetime
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import barograph
from measuring.page import kept

PACKAGES = ("barograph", "numpy", "torch", "onnxruntime", "polars", "numba")
COMMAND = str(Path(sys.executable).with_name("barograph"))


def as_installed() -> None:
    """Barograph with its bytecode, as pip leaves a package: what starts is not compiled first, whatever
    PYTHONDONTWRITEBYTECODE says here.
    """
    compileall.compile_dir(Path(barograph.__file__).parent, quiet=1)


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a table; `goal` is the most (`at_most`) or the least that is wanted, None if nothing is."""

    case: str
    value: float
    unit: str
    goal: float | None = None
    at_most: bool = True
    digits: int = 3

    @property
    def state(self) -> str:
        """`met` or `MISSED`; empty where no goal is set."""
        if self.goal is None:
            return ""
        return "met" if (self.value <= self.goal) == self.at_most else "MISSED"


def interleaved(cases: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of every case, one of each per round, so that a busy neighbour slows all of them alike.

    A first round warms the caches and is dropped.
    """
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds + 1):
        for name, work in cases.items():
            start = time.perf_counter()
            work()
            if number:
                taken[name].append(time.perf_counter() - start)
    return taken


def ratios(taken: Mapping[str, Sequence[float]], one: str, other: str) -> tuple[float, float, float]:
    """The middle of the ratios of two cases round by round, and the quarters around it."""
    each = sorted(a / b for a, b in zip(taken[one], taken[other], strict=True))
    low, middle, high = statistics.quantiles(each, n=4) if len(each) > 1 else each * 3
    return middle, low, high


def ticks() -> list[int]:
    """The kernel's count of what the processors did; empty where it is not told."""
    told = Path("/proc/stat")
    return [int(one) for one in told.read_text().split("\n")[0].split()[1:9]] if told.exists() else []


_STARTED = ticks()


def stolen(since: Sequence[int]) -> float:
    """Share of the processors' time since those ticks that another machine on the same host took."""
    spent = [now - then for now, then in zip(ticks(), since, strict=True)]
    return spent[7] / max(sum(spent), 1) if spent else 0.0


def steal() -> str:
    """That share since the start, in words."""
    return f", steal {100 * stolen(_STARTED):.1f} %" if _STARTED else ""


def process(arguments: Sequence[str]) -> Callable[[], object]:
    """A case that runs a command to its end; its output is thrown away, its failure is not."""
    return lambda: subprocess.run(arguments, stdout=subprocess.DEVNULL, check=True)


PEAK = (
    "import resource, subprocess, sys\n"
    "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    "sys.exit(code)"
)
"""Runs a command from a small process: Linux counts what the one that forks holds as its child's peak."""


def peak_of(command: Sequence[str]) -> tuple[float, float]:
    """Seconds and peak resident memory (MiB) of a process that must succeed."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", PEAK, *command], check=True, stdout=subprocess.PIPE)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return time.perf_counter() - start, int(done.stdout) / unit


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def show(title: str, figures: Sequence[Figure], notes: Sequence[str] = ()) -> None:
    """Print the figures with their goals, under a line that says on what and when they were taken.

    Where `BENCH_PAGE` names the page of figures, they go there as well.
    """
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES if find_spec(name))
    where = (
        f"{datetime.date.today()}; {platform.system()} {platform.machine()}, "
        f"{processor()}{os.cpu_count()} cores{load}{steal()}; Python {platform.python_version()}, {versions}"
    )
    print(f"{title}\n{where}")
    width = max(len(figure.case) for figure in figures) + 2
    print(f"{'case':<{width}}{'value':>12} {'unit':<18}{'goal':>10}  state")
    rows = []
    for figure in figures:
        value = f"{figure.value:,.{figure.digits}f}"
        bound = "" if figure.goal is None else f"{'<=' if figure.at_most else '>='} {figure.goal:,g}"
        print(f"{figure.case:<{width}}{value:>12} {figure.unit:<18}{bound:>10}  {figure.state}".rstrip())
        rows.append(
            [figure.case, value, figure.unit, bound.replace("<=", "≤").replace(">=", "≥"), figure.state]
        )
    print(*notes, sep="\n", end="\n" if notes else "")
    kept(title, where, ["case", "value", "unit", "goal", "state"], rows, notes)


def processor() -> str:
    """The processor's name, where Linux tells it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, " if names else ""
