"""Limits against the newest readings: how much of each is used, and which light that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from barograph.govern.limits import LimitRecord, Reading, breaches

Level = Literal["ok", "soft", "hard", "none"]
ORDER: tuple[Level, ...] = ("none", "ok", "soft", "hard")
"""The worst last."""


@dataclass(frozen=True, slots=True)
class Usage:
    """A limit and the reading that is nearest to it, or furthest beyond."""

    limit: LimitRecord
    entity: str  # of the reading
    value: float | None  # None: nothing was read yet
    share: float | None  # of the hard bound, or of the soft one where there is no other; 1 is on the bound
    soft: float | None  # where the soft bound lies on the same scale
    level: Level


def usage_of(limit: LimitRecord, readings: Sequence[Reading]) -> Usage:
    """How much of a limit is used by the readings that it looks at."""
    own = [one for one in readings if (one.study, one.figure) == (limit.study, limit.figure)]
    own = [one for one in own if limit.entity in ("", one.entity)]
    if not own:
        return Usage(limit, limit.entity, None, None, None, "none")
    worst = max(own, key=lambda one: _rank(limit, one))
    found = breaches([limit], [worst])
    level: Level = found[0].severity if found else "ok"
    bound = limit.hard if limit.hard is not None else limit.soft
    soft = _share(limit.soft, bound, below=limit.below) if limit.hard is not None else None
    return Usage(limit, worst.entity, worst.value, _share(worst.value, bound, below=limit.below), soft, level)


def worst_of(levels: Sequence[Level]) -> Level:
    """The worst light of some.

    Examples
    --------
    >>> worst_of(["ok", "hard", "none"]), worst_of([])
    ('hard', 'none')
    """
    return max(levels, key=ORDER.index, default="none")


def _rank(limit: LimitRecord, reading: Reading) -> float:
    if not math.isfinite(reading.value):
        return math.inf
    return -reading.value if limit.below else reading.value


def _share(value: float | None, bound: float | None, *, below: bool) -> float | None:
    """A value as a share of a bound; None where that says nothing, as for a bound of zero."""
    if value is None or bound is None or not math.isfinite(value):
        return None
    over, under = (bound, value) if below else (value, bound)
    return over / under if under > 0.0 and over >= 0.0 else None
