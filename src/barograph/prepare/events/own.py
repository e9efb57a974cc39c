"""What an event says by itself: amount, night, weekend, hour.

Logarithms and sines come from Python's `math` for one event and for a table alike: numpy's own, computed in
vectors, differ from it in the last bit for about one value in fifty.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_events import CENTS, SECOND, EventPlan

MINUTE = 60 * SECOND
WEEK_MINUTES = 7 * 24 * 60
_MONDAY = 3 * 24 * 60  # 1970-01-01, minute 0, was a Thursday

Moment = tuple[float, float, float, float]


@lru_cache(maxsize=8)
def week(utc_offset: int, night_ends: int) -> tuple[Moment, ...]:
    """Weekend, night, and sine and cosine of the time of day, per minute of UTC weeks from Thursday on."""
    table = []
    for minute in range(WEEK_MINUTES):
        local = (minute + utc_offset // 60 + _MONDAY) % WEEK_MINUTES
        day, of_day = divmod(local, 1440)
        angle = 2.0 * math.pi * of_day / 1440
        table.append((float(day >= 5), float(of_day < 60 * night_ends), math.sin(angle), math.cos(angle)))
    return tuple(table)


def moments(time: IntArray, plan: EventPlan) -> FloatArray:
    """Weekend, night, hour_sin and hour_cos of many times (microseconds), [n, 4]."""
    table = np.array(week(plan.utc_offset, plan.night_ends))
    return np.asarray(table[(time // MINUTE) % WEEK_MINUTES])


def log_amount(cents: int) -> float:
    """``sign(a) log(1 + |a|)`` of an amount in cents, a in money units."""
    return math.log1p(cents / CENTS) if cents >= 0 else -math.log1p(-cents / CENTS)


def log_gap(microseconds: int) -> float:
    """``log(1 + seconds)`` of a duration."""
    return math.log1p(microseconds / SECOND)


def each_log_amount(cents: IntArray) -> FloatArray:
    """`log_amount` of many amounts, [n]."""
    values, place = np.unique(cents, return_inverse=True)
    return np.array([log_amount(one) for one in values.tolist()], dtype=np.float64)[place]


def each_log_gap(microseconds: IntArray) -> FloatArray:
    """`log_gap` of many durations, [n]."""
    values, place = np.unique(microseconds, return_inverse=True)
    return np.array([log_gap(one) for one in values.tolist()], dtype=np.float64)[place]
