"""Where a model's settings are searched: what a model says of itself, and tuning reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Floats:
    """A real setting in [low, high], searched in logs if `log`."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True, slots=True)
class Integers:
    """A whole setting in [low, high], searched in logs if `log`."""

    low: int
    high: int
    log: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """One of some values without order."""

    values: tuple[float | int | str, ...]


Space = Mapping[str, Floats | Integers | Choices]
"""Setting -> where it is searched."""
