"""The gate: a scoring bundle reproduces, record by record, what it was written with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.engines.scoring.parts import Parts
from barograph.engines.scoring.serving import figures

TOLERANCE = 1e-5
"""Largest difference of a served figure (a probability or a share)."""
BATCHES = (1, 2, 7)
"""Sizes in which the stored records are sent through, besides all at once."""


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of the gate."""

    name: str
    difference: float
    allowed: float

    @property
    def passed(self) -> bool:
        """Whether the difference is known and small enough."""
        return bool(self.difference <= self.allowed)


def check_parity(parts: Parts, stored: Mapping[str, AnyArray]) -> tuple[Check, ...]:
    """Send the reference records through, whole and in small batches, and compare with what is stored."""
    expected = stored["figure"]
    checks = []
    for size in (expected.size, *(size for size in BATCHES if size < expected.size)):
        served = figures(parts, parts.reference.take(np.arange(size)))
        gap = float(np.abs(served - expected[:size]).max())
        name = f"served figure, {size} at once"
        checks.append(Check(name, gap if np.isfinite(gap) else float("inf"), TOLERANCE))
    return tuple(checks)
