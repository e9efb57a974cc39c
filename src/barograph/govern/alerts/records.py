"""What alerts are made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Severity = Literal["soft", "hard"]
Disposition = Literal["fraud", "false_alarm", "fixed", "accepted", "expired"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that deserves an alert."""

    key: str  # one open alert each
    study: str
    kind: Literal["limit", "score", "monitor"]
    figure: str
    value: float
    threshold: float
    severity: Severity
    entity: str = ""
    subject: str = ""  # the event or record, where it is about one
    below: bool = False  # smaller is worse
    again: bool = False  # it may have been seen before: an alert that was opened then, closed or not, is its


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert as it stands."""

    id: str
    key: str
    study: str
    kind: str
    figure: str
    entity: str
    subject: str
    severity: Severity
    value: float  # the worst reading
    threshold: float
    readings: int
    opened_at: dt.datetime
    last_at: dt.datetime
    assignee: str | None
    disposition: Disposition | None
    closed_at: dt.datetime | None
    closed_by: str | None


@dataclass(frozen=True, slots=True)
class AlertNote:
    """What was done about an alert."""

    alert: str
    step: int
    kind: str
    actor: str
    words: str
    at: dt.datetime
