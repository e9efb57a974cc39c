"""When people pay: hours of the day by kind of payment, days of the week."""

from __future__ import annotations

import datetime

import numpy as np

from barograph.core.arrays import FloatArray, IntArray

DAY = 86_400
"""Seconds."""
SHOP = np.array(
    [1, 0.6, 0.4, 0.3, 0.3, 0.8, 2, 4, 6, 7, 8, 9, 10, 9, 8, 8, 9, 11, 11, 9, 6, 4, 3, 2], dtype=np.float64
)
ONLINE = np.array(
    [4, 2.5, 1.6, 1.2, 1, 1.2, 2, 3, 4, 5, 5, 5, 6, 5, 5, 5, 5, 6, 7, 8, 10, 10, 9, 6], dtype=np.float64
)
BANK = np.array(
    [0.6, 0.4, 0.3, 0.3, 0.4, 1, 3, 5, 8, 9, 9, 8, 7, 8, 8, 8, 7, 6, 5, 4, 3, 3, 2, 1], dtype=np.float64
)
"""Relative frequency of the 24 hours of a day in shops, online and in transfers between accounts."""
WEEKDAYS = np.array([0.92, 0.90, 0.93, 0.98, 1.18, 1.24, 0.85], dtype=np.float64)
"""Relative frequency of payments, Monday to Sunday; mean 1."""


def clock(rng: np.random.Generator, n: int, hours: FloatArray, shift: FloatArray | float = 0.0) -> IntArray:
    """Instants of a day.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the draws come from.
    n : int
        How many.
    hours : ndarray [24]
        Relative frequency of each hour.
    shift : ndarray [n] or float
        Hours by which a person lives later than the others; past midnight it comes round to the same day.

    Returns
    -------
    ndarray [n]
        Whole seconds since midnight, 0 … 86399.
    """
    share = np.concatenate([[0.0], np.cumsum(hours) / hours.sum()])
    drawn = np.interp(rng.random(n), share, np.arange(25) * 3600.0) + 3600.0 * np.asarray(shift)
    seconds: IntArray = np.floor(drawn).astype(np.int64) % DAY
    return seconds


def weekday_of(start: datetime.date, days: int) -> FloatArray:
    """[days] relative frequency of payments on each day from the first on."""
    return WEEKDAYS[(start.weekday() + np.arange(days)) % 7]
