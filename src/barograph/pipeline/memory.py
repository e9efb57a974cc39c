"""How much memory a run needs at its peak, all of its processes together."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
INTERVAL = 0.5
"""Seconds between two looks."""


@dataclass(slots=True)
class PeakMemory:
    """The largest memory seen, MiB.

    On Linux the process tree's proportional set size is sampled: pages that processes share count once.
    Elsewhere it is the sum of each process's own peak, which counts shared pages as often as they are shared;
    and so it is of workers that are not ours to look at (a cluster's), which are added.
    """

    peaks: dict[int, float] = field(default_factory=dict)
    elsewhere: dict[tuple[str, int], float] = field(default_factory=dict)
    sampled: float = 0.0

    def note(self, pid: int, mebibytes: float) -> None:
        """Remember one process's own peak so far."""
        self.peaks[pid] = max(self.peaks.get(pid, 0.0), mebibytes)

    def note_elsewhere(self, node: str, pid: int, mebibytes: float) -> None:
        """Remember the peak of a worker of a cluster; one without a node belongs to our own process tree."""
        if node:
            self.elsewhere[node, pid] = max(self.elsewhere.get((node, pid), 0.0), mebibytes)
        else:
            self.note(pid, mebibytes)

    def look(self) -> None:
        """Sample the process tree once."""
        self.sampled = max(self.sampled, tree_memory(os.getpid()))

    def total(self) -> float:
        """The peak so far, this process included."""
        self.note(os.getpid(), own_peak())
        self.look()
        here = self.sampled if self.sampled > 0 else sum(self.peaks.values())
        return here + sum(self.elsewhere.values())


def own_peak() -> float:
    """Peak resident memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tree_memory(pid: int) -> float:
    """Proportional set size of a process and all its descendants, MiB; 0 where the system does not tell."""
    return sum(_proportional(one) for one in _tree(pid))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for child in _children(pid):
        yield from _tree(child)


def _children(pid: int) -> list[int]:
    """What a process has started; a process or thread that ends while we look has started nothing."""
    found: list[int] = []
    try:
        threads = os.listdir(PROC / str(pid) / "task")
    except OSError:
        return found
    for thread in threads:
        try:
            listing = (PROC / str(pid) / "task" / thread / "children").read_text()
        except OSError:
            continue
        found += [int(child) for child in listing.split()]
    return found


def _proportional(pid: int) -> float:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:  # ended since, or another system
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


@contextmanager
def watched() -> Iterator[PeakMemory]:
    """Sample the process tree in the background for as long as the block lasts."""
    memory, done = PeakMemory(), threading.Event()

    def watch() -> None:
        while not done.wait(INTERVAL):
            memory.look()

    thread = threading.Thread(target=watch, name="peak-memory", daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        done.set()
        thread.join()
