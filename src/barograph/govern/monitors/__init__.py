"""Is it still so? Drift of what comes in and goes out, labels as they arrive, exceptions of a VaR, alerts."""

from __future__ import annotations

from barograph.govern.monitors.drift import Drift, InputCounts, drift_of
from barograph.govern.monitors.exceptions import Exceptions, exceptions_of, note_loss, note_var
from barograph.govern.monitors.performance import (
    AlertPrecision,
    Estimate,
    Performance,
    alert_precision,
    estimate_of,
    note_scores,
    performance_of,
)
from barograph.govern.monitors.profile import Profile, profile_of

__all__ = [
    "AlertPrecision",
    "Drift",
    "Estimate",
    "Exceptions",
    "InputCounts",
    "Performance",
    "Profile",
    "alert_precision",
    "drift_of",
    "estimate_of",
    "exceptions_of",
    "note_loss",
    "note_scores",
    "note_var",
    "performance_of",
    "profile_of",
]
