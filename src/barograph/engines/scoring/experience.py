"""Current experience: what loans still running say of the default rate, before their windows close.

A label with a window of three years is three years old when it is known. What is known earlier is how many
loans of each age defaulted in the last twelve months; chained over the ages of the window (a period life
table, as in Kaplan and Meier 1958 by calendar period) they give the default rate that present conditions
would lead to. Everything here was known at the cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.record_table import Records
from barograph.measures.credit.hazard import add_months, person_periods

MONTHS_PER_PERIOD = 3
"""Length of a period of the hazard."""
LOOK_BACK = 12
"""Months before the cut that count as current."""
LEAST_EVENTS = 20
"""Defaults in these months without which the experience says too little."""


@dataclass(frozen=True, slots=True, eq=False)
class Experience:
    """Loans on the books at a cut, period by period since they were made."""

    rows: IntArray  # [n] records made before the cut
    event: FloatArray  # [n, J] default in the period, as known at the cut
    at_risk: FloatArray  # [n, J]
    recent_event: FloatArray  # [n, J] the part of `event` in the last twelve months
    recent_at_risk: FloatArray  # [n, J]
    default_rate: float  # of the life table, within all periods
    recent: IntArray  # records made in the last twelve months in which any were made


def experience_at(records: Records, cut: np.datetime64, *, since: int, months: int) -> Experience | None:
    """The experience at a cut; None where defaults carry no day, or too few fell into the last year.

    Parameters
    ----------
    records : Records
    cut : datetime64
        Last day known.
    since : int
        First vintage that may train.
    months : int
        Months of the observation window.
    """
    if not records.has_time or np.isnat(records.event_time).all():
        return None
    inside = (records.time <= cut) & (records.vintage >= since)
    rows = np.flatnonzero(inside).astype(np.int64)
    periods = max(1, round(months / MONTHS_PER_PERIOD))
    before = add_months(np.array([cut], dtype="datetime64[D]"), -LOOK_BACK)[0]
    time, event_time = records.time[rows], records.event_time[rows]
    event, at_risk = _periods(time, event_time, cut, periods)
    old_event, old_at_risk = _periods(time, event_time, before, periods)
    recent_event, recent_at_risk = event - old_event, at_risk - old_at_risk
    if recent_event.sum() < LEAST_EVENTS:
        return None
    exposed = recent_at_risk.sum(axis=0)
    hazard = recent_event.sum(axis=0) / np.maximum(exposed, 1.0)
    rate = float(1.0 - np.prod(1.0 - hazard))
    newest = add_months(time.max(keepdims=True), -LOOK_BACK)[0]
    recent = rows[time > newest]
    return Experience(rows, event, at_risk, recent_event, recent_at_risk, rate, recent)


def _periods(
    time: DateArray, event_time: DateArray, cut: np.datetime64, periods: int
) -> tuple[FloatArray, FloatArray]:
    return person_periods(time, event_time, cut, months_per_period=MONTHS_PER_PERIOD, periods=periods)
