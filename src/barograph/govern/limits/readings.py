"""Readings against limits: a breach opens one alert, and later readings go into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from barograph.govern.alerts import AlertRecord, Cause, raise_alerts
from barograph.govern.limits.kept import looks_at
from barograph.govern.limits.records import LimitRecord, Reading
from barograph.govern.storage import Database

__all__ = ["Breach", "breaches", "check_readings"]


@dataclass(frozen=True, slots=True)
class Breach:
    """A reading beyond a limit."""

    limit: LimitRecord
    reading: Reading
    severity: Literal["soft", "hard"]
    threshold: float


def breaches(limits: Sequence[LimitRecord], readings: Sequence[Reading]) -> list[Breach]:
    """The readings that break a limit; on the bound is not beyond it, and NaN breaks every one it is held to.

    A figure that could not be computed is no sign that all is well.
    """
    found = []
    for reading in readings:
        for limit in limits:
            if looks_at(limit, reading):
                broken = _broken(limit, reading)
                found += [] if broken is None else [broken]
    return found


def check_readings(
    database: Database, limits: Sequence[LimitRecord], readings: Sequence[Reading]
) -> list[AlertRecord]:
    """Hold readings to limits (of `limits_of`, which may be kept for some seconds); the alerts of breaches.

    Without a breach the database is not asked.
    """
    found = breaches(limits, readings)
    causes = [
        Cause(
            key=f"limit {breach.limit.id} {breach.reading.entity}",
            study=breach.reading.study,
            kind="limit",
            figure=breach.reading.figure,
            entity=breach.reading.entity,
            severity=breach.severity,
            value=breach.reading.value,
            threshold=breach.threshold,
            below=breach.limit.below,
        )
        for breach in found
    ]
    return raise_alerts(database, causes) if causes else []


def _broken(limit: LimitRecord, reading: Reading) -> Breach | None:
    if limit.hard is not None and _beyond(reading.value, limit.hard, below=limit.below):
        return Breach(limit, reading, "hard", limit.hard)
    if limit.soft is not None and _beyond(reading.value, limit.soft, below=limit.below):
        return Breach(limit, reading, "soft", limit.soft)
    return None


def _beyond(value: float, bound: float, *, below: bool) -> bool:
    return not (value >= bound if below else value <= bound)
