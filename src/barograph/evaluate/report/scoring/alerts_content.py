"""Report content of a study judged by its alerts: its figures, and single alerts with their reasons."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.evaluate.records.alerts import AlertFigures


@dataclass(frozen=True, slots=True)
class AlertCase:
    """One alert as a reviewer sees it."""

    record_id: str
    time: str  # as printed
    probability: float  # as served
    reasons: tuple[str, ...]  # sentences, the strongest first
    similar: tuple[str, ...] = ()  # past cases like it, one sentence each


@dataclass(frozen=True, slots=True, eq=False)
class AlertsContent:
    """What the edition of alerts prints beside the parts it shares with credit."""

    figures: AlertFigures  # of the headline protocol; the champion first in `at_work`, then the reference
    cases: tuple[AlertCase, ...] = ()  # the latest of the highest
    network: bool = False  # whether the events are transfers between accounts of one network
