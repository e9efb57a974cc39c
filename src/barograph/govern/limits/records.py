"""What limits are and what they look at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure as it was just computed."""

    study: str
    figure: str  # such as "var", "expected_loss", "alerts_per_day"
    value: float
    entity: str = ""


@dataclass(frozen=True, slots=True)
class KeptReading:
    """What is kept of an hour's readings of one figure and entity; None where none could be computed."""

    study: str
    figure: str
    entity: str
    hour: dt.datetime
    low: float | None
    high: float | None
    last: float | None
    readings: int
    at: dt.datetime  # of the last one


@dataclass(frozen=True, slots=True)
class LimitRecord:
    """A limit as it stands."""

    id: str
    study: str
    figure: str
    entity: str  # "" stands for every one
    soft: float | None
    hard: float | None
    below: bool  # breached by what lies below it
    owner: str
    why: str
    expires_at: dt.datetime
    created_at: dt.datetime
    created_by: str
    ended_at: dt.datetime | None
    ended_by: str | None
    expired: bool  # due for review; it guards all the same
