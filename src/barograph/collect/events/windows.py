"""Windows of time in which something is compromised, and which payments fall into one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.collect.events.rhythm import DAY
from barograph.core.arrays import BoolArray, IntArray

ERA = 1 << 33
"""Seconds between one owner's times and the next one's on the common axis; more than any simulation lasts."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Compromised stretches of time, by owner (terminal or card) and first instant."""

    owner: IntArray  # [n_windows]
    since: IntArray  # [n_windows] seconds since the first day's midnight, inclusive; may be negative
    until: IntArray  # [n_windows] exclusive

    def inside(self, owner: IntArray, time: IntArray) -> BoolArray:
        """[n] whether each payment falls into any window of its owner (also where windows overlap)."""
        if not self.owner.size:
            return np.zeros(owner.shape, dtype=bool)
        since = self.owner * ERA + self.since
        until = np.maximum.accumulate(self.owner * ERA + self.until)
        key = owner * ERA + time
        place = np.searchsorted(since, key, side="right") - 1
        covered: BoolArray = (place >= 0) & (key < until[place])
        return covered


def windows_for(
    rng: np.random.Generator, fraction: float, owners: int, days: int, lengths: tuple[float, float]
) -> Windows:
    """Windows that cover an expected fraction of all owner-days, as dense on the first day as on any other.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the draws come from.
    fraction : float
        Share of owner-days inside a window, overlaps counted twice.
    owners : int
        Number of terminals or cards, each as likely as the next.
    days : int
        Simulated days.
    lengths : tuple of float
        Shortest and longest window, days.
    """
    longest, mean = lengths[1], (lengths[0] + lengths[1]) / 2
    count = round(fraction * owners * (days + longest) / mean)
    owner = rng.integers(0, owners, count)
    since = np.floor(rng.uniform(-longest, days, count) * DAY).astype(np.int64)
    until = since + np.ceil(rng.uniform(*lengths, count) * DAY).astype(np.int64)
    order = np.lexsort((since, owner))
    return Windows(owner[order], since[order], until[order])
