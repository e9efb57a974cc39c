"""What the benchmarks share: cases timed in turn, and one form of table."""

from __future__ import annotations

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

PACKAGES = ("barograph", "numpy", "torch", "onnxruntime", "polars", "numba")
COMMAND = str(Path(sys.executable).with_name("barograph"))


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


def _ticks() -> list[int]:
    """The kernel's count of what the processors did; empty where it is not told."""
    told = Path("/proc/stat")
    return [int(one) for one in told.read_text().split("\n")[0].split()[1:9]] if told.exists() else []


_STARTED = _ticks()


def steal() -> str:
    """Share of the processors' time since the start that another machine on the same host took."""
    spent = [now - then for now, then in zip(_ticks(), _STARTED, strict=True)]
    return f", steal {100 * spent[7] / max(sum(spent), 1):.1f} %" if spent else ""


def process(arguments: Sequence[str]) -> Callable[[], object]:
    """A case that runs a command to its end; its output is thrown away, its failure is not."""
    return lambda: subprocess.run(arguments, stdout=subprocess.DEVNULL, check=True)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print the figures with their goals, under a line that says on what and when they were taken."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES if find_spec(name))
    print(title)
    print(
        f"{datetime.date.today()}; {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
        f"{load}{steal()}; Python {platform.python_version()}, {versions}"
    )
    width = max(len(figure.case) for figure in figures) + 2
    print(f"{'case':<{width}}{'value':>12} {'unit':<18}{'goal':>10}  state")
    for figure in figures:
        value = f"{figure.value:,.{figure.digits}f}"
        bound = "" if figure.goal is None else f"{'<=' if figure.at_most else '>='} {figure.goal:,g}"
        print(f"{figure.case:<{width}}{value:>12} {figure.unit:<18}{bound:>10}  {figure.state}".rstrip())
