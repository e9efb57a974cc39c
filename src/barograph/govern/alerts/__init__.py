"""Alerts: opened once for a cause, queued, assigned, commented on, closed with what it turned out to be."""

from __future__ import annotations

from barograph.govern.alerts.raising import raise_alerts
from barograph.govern.alerts.records import AlertNote, AlertRecord, Cause
from barograph.govern.alerts.work import (
    AlertCount,
    Sought,
    alert_counts,
    alert_of,
    alerts_sought,
    assign_alert,
    close_alert,
    comment_alert,
    notes_of,
)

__all__ = [
    "AlertCount",
    "AlertNote",
    "AlertRecord",
    "Cause",
    "Sought",
    "alert_counts",
    "alert_of",
    "alerts_sought",
    "assign_alert",
    "close_alert",
    "comment_alert",
    "notes_of",
    "raise_alerts",
]
