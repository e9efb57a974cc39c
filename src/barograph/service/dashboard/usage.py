"""Limits against the newest readings: how much of each is used, and which light that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from barograph.govern.limits import KeptReading, LimitRecord, Reading, breaches, looks_at

Level = Literal["ok", "soft", "hard", "none"]
ORDER: tuple[Level, ...] = ("none", "ok", "soft", "hard")
"""The worst last."""


@dataclass(frozen=True, slots=True)
class Usage:
    """A limit and the reading that is nearest to it, or furthest beyond."""

    limit: LimitRecord
    entity: str  # of the reading
    value: float | None  # None: nothing was read yet; NaN: it could not be computed
    share: float | None  # of the outermost bound, see `share_of`; None: nothing was read yet
    soft: float | None  # where the soft bound lies on the same scale
    level: Level


def usage_of(limit: LimitRecord, readings: Sequence[Reading]) -> Usage:
    """How much of a limit is used by the readings that it looks at."""
    own = [one for one in readings if looks_at(limit, one)]
    if not own:
        return Usage(limit, limit.entity, None, None, None, "none")
    worst = max(own, key=lambda one: nearness(limit, one.value))
    found = breaches([limit], [worst])
    level: Level = found[0].severity if found else "ok"
    both = limit.hard is not None and limit.soft is not None
    soft = share_of(limit, limit.soft) if both else None
    return Usage(limit, worst.entity, worst.value, share_of(limit, worst.value), soft, level)


def last_of(kept: KeptReading) -> Reading:
    """The last reading of an hour; NaN where it could not be computed."""
    value = math.nan if kept.last is None else kept.last
    return Reading(kept.study, kept.figure, value, kept.entity)


def share_of(limit: LimitRecord, value: float | None) -> float:
    """The share of the outermost bound that a value uses up: 1 is on the bound, and more is beyond it.

    Infinite where the value could not be computed. A bound that is no scale, of zero or below, is either not
    used, or used up.
    """
    bound = limit.hard if limit.hard is not None else limit.soft
    if value is None or bound is None or not math.isfinite(value):
        return math.inf
    over, under = (bound, value) if limit.below else (value, bound)
    if under > 0.0 and bound > 0.0:
        return max(0.0, over / under)
    return math.inf if over > under else 0.0


def nearness(limit: LimitRecord, value: float | None) -> float:
    """What orders values by how near they come to a limit, or how far they are beyond; most is nearest."""
    if value is None or not math.isfinite(value):
        return math.inf
    return -value if limit.below else value


def worst_of(levels: Sequence[Level]) -> Level:
    """The worst light of some.

    Examples
    --------
    >>> worst_of(["ok", "hard", "none"]), worst_of([])
    ('hard', 'none')
    """
    return max(levels, key=ORDER.index, default="none")
