"""Is it still so? Drift of what comes in and goes out, labels as they arrive, exceptions of a VaR, alerts."""

from __future__ import annotations

from barograph.govern.monitors.drift import Drift, InputCounts, drift_of
from barograph.govern.monitors.exceptions import Exceptions, exceptions_of, note_loss, note_var
from barograph.govern.monitors.over_time import (
    AlertMonth,
    CellShare,
    Labelled,
    VarDay,
    alerts_by_month,
    calibration_of,
    cells_of,
    var_days_of,
)
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
    "AlertMonth",
    "AlertPrecision",
    "CellShare",
    "Drift",
    "Estimate",
    "Exceptions",
    "InputCounts",
    "Labelled",
    "Performance",
    "Profile",
    "VarDay",
    "alert_precision",
    "alerts_by_month",
    "calibration_of",
    "cells_of",
    "drift_of",
    "estimate_of",
    "exceptions_of",
    "note_loss",
    "note_scores",
    "note_var",
    "performance_of",
    "profile_of",
    "var_days_of",
]
