"""The gate that every bundle passes when it is loaded: readable parts that give the figures of its making."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.errors import BundleError

GRAPH_TOLERANCE = 1e-4
"""Largest difference of a network's raw output (float32)."""
FIGURE_TOLERANCE = 1e-5
"""Largest difference of a served figure."""
BATCHES = (1, 2, 7)
"""Sizes in which stored rows are sent through, besides all at once."""
UNREADABLE = (
    KeyError,
    IndexError,
    TypeError,
    ValueError,
    AttributeError,
    OSError,
    zipfile.BadZipFile,
    pl.exceptions.PolarsError,
)
"""What reading parts of another shape runs into; their hashes hold, so they were written that way."""

Read = TypeVar("Read")


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


def sizes(n: int) -> Iterator[int]:
    """All rows at once, then the small batches there are rows for."""
    yield n
    yield from (size for size in BATCHES if size < n)


def gap(served: FloatArray, expected: AnyArray, *, relative: bool = False) -> float:
    """Largest difference, in units of what is expected if relative; infinite where one is not a number."""
    scale = np.maximum(np.abs(expected), 1e-12) if relative else 1.0
    worst = float((np.abs(served - expected) / scale).max())
    return worst if np.isfinite(worst) else float("inf")


def passed(read: Callable[[], tuple[Read, Sequence[Check]]]) -> tuple[Read, tuple[Check, ...]]:
    """What a bundle's parts are read as, once every check has passed.

    Raises
    ------
    BundleError
        The parts cannot be read, or do not reproduce what the bundle was written with.
    """
    try:
        parts, checks = read()
    except UNREADABLE as error:
        raise BundleError(
            "a bundle's parts must hold what this program writes into them",
            came=f"reading them failed ({type(error).__name__}: {error})",
            do="Take a fresh copy of the bundle or run the study again",
        ) from error
    failed = [check for check in checks if not check.passed]
    if failed:
        raise BundleError(
            "a bundle must reproduce the figures it was written with",
            came=f"{failed[0].name} differs by {failed[0].difference:.2e} (allowed {failed[0].allowed:.0e})",
            do="Do not serve it; check the versions in manifest.json or run the study again",
        )
    return parts, tuple(checks)
