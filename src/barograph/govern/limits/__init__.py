"""Limits on any named figure: soft and hard, with an owner and a date; a breach opens one alert."""

from __future__ import annotations

from barograph.govern.limits.kept import held, keep_readings, looks_at, newest_readings, readings_of
from barograph.govern.limits.limits import LimitRecord, end_limit, limits_of, set_limit
from barograph.govern.limits.readings import Breach, breaches, check_readings
from barograph.govern.limits.records import KeptReading, Reading

__all__ = [
    "Breach",
    "KeptReading",
    "LimitRecord",
    "Reading",
    "breaches",
    "check_readings",
    "end_limit",
    "held",
    "keep_readings",
    "limits_of",
    "looks_at",
    "newest_readings",
    "readings_of",
    "set_limit",
]
