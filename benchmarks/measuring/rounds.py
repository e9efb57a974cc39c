"""Rounds in which every side is measured once, those in which the machine was busy with others repeated."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from measuring import stolen, ticks

SLOWER, STOLEN = 1.3, 0.02
"""A round is noisy where its yardstick takes this much longer than the best, or more time was stolen."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round measured, by name; `yardstick` is a time that should be the same in every round."""

    values: Mapping[str, float]
    yardstick: float
    stolen: float


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds that count, and how many there were."""

    kept: Sequence[Round]
    all: int
    noisy: int  # of those kept: no better ones were to be had

    def middle(self, name: str) -> float:
        """The median of a figure."""
        return statistics.median(one.values[name] for one in self.kept)

    def ratio(self, one: str, other: str) -> tuple[float, float, float]:
        """Of two figures round by round: the median of their ratio, the least and the most."""
        each = [kept.values[one] / kept.values[other] for kept in self.kept]
        return statistics.median(each), min(each), max(each)

    def note(self) -> str:
        """How quiet the machine was, one sentence."""
        worst = max(one.stolen for one in self.kept)
        spread = max(one.yardstick for one in self.kept) / min(one.yardstick for one in self.kept)
        noise = f" ({self.noisy} of them noisy: the machine was busy throughout)" if self.noisy else ""
        return (
            f"{len(self.kept)} rounds of {self.all} count{noise}; in them at most {100 * worst:.1f} % of the "
            f"processors' time was stolen, and the yardstick varied by a factor of {spread:.2f}."
        )


def measured(work: Callable[[], Mapping[str, float]], yardstick: str, rounds: int) -> Rounds:
    """So many quiet rounds, or after twice as many the quietest of all."""
    found: list[Round] = []
    while len(found) < 2 * rounds and sum(_quiet(one, found) for one in found) < rounds:
        since = ticks()
        values = work()
        found.append(Round(values, values[yardstick], stolen(since)))
    best = sorted(found, key=lambda one: (not _quiet(one, found), one.yardstick))[:rounds]
    return Rounds(best, len(found), sum(not _quiet(one, found) for one in best))


def _quiet(one: Round, found: Sequence[Round]) -> bool:
    return one.yardstick <= SLOWER * min(other.yardstick for other in found) and one.stolen <= STOLEN


def yardstick() -> float:
    """Seconds of a fixed piece of work, the best of three: what a quiet machine always takes."""
    matrix = np.random.default_rng(0).normal(size=(512, 512))
    best = np.inf
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(8):
            matrix @ matrix
        best = min(best, time.perf_counter() - start)
    return float(best)
