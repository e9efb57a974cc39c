"""Every table, on one `METADATA`. What makes them is `govern/migrations`; a test holds the two equal."""

from __future__ import annotations

from barograph.govern.tables.access import sessions, tokens, users
from barograph.govern.tables.alerts import (
    alert_notes,
    alerts,
    limit_readings,
    limits,
    outbox,
    receivers,
)
from barograph.govern.tables.assessments import assessments
from barograph.govern.tables.audit import audit_archives, audit_heads
from barograph.govern.tables.common import METADATA
from barograph.govern.tables.leases import leases
from barograph.govern.tables.monitors import input_counts, scored, var_days
from barograph.govern.tables.outcomes import outcomes
from barograph.govern.tables.registry import findings, model_history, models

__all__ = [
    "METADATA",
    "alert_notes",
    "alerts",
    "assessments",
    "audit_archives",
    "audit_heads",
    "findings",
    "input_counts",
    "leases",
    "limit_readings",
    "limits",
    "model_history",
    "models",
    "outbox",
    "outcomes",
    "receivers",
    "scored",
    "sessions",
    "tokens",
    "users",
    "var_days",
]
