"""Vintages: how defaults add up as loans age."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.record_table import Records

MONTH = 365.25 / 12
"""Days."""

LEAST_RECORDS = 100
"""Records a vintage needs for a curve."""


@dataclass(frozen=True, slots=True, eq=False)
class VintageCurve:
    """Cumulative default rate of the records of one vintage by months since they were made."""

    vintage: str
    months: FloatArray  # [n] 0, 1, …
    rate: FloatArray  # [n]


def default_curves(records: Records, *, longest: int = 60) -> tuple[VintageCurve, ...]:
    """Cumulative default rates of every vintage, as far as all of its records have been watched.

    A curve ends at the age that the vintage's youngest record had reached when the data end (the last day on
    which a record was made or defaulted), or at `longest`; so it rests on the same records throughout.
    Vintages without a recorded default, or too small or too young for a curve, have none.

    Parameters
    ----------
    records : Records
    longest : int
        Months.
    """
    if not records.has_time or np.isnat(records.event_time).all():
        return ()
    end = max(records.time.max(), records.event_time[~np.isnat(records.event_time)].max())
    age = (records.event_time - records.time) / np.timedelta64(1, "D") / MONTH  # NaN without default
    curves = []
    for year in np.unique(records.vintage):
        inside = records.vintage == year
        reached = (end - records.time[inside].max()) / np.timedelta64(1, "D") / MONTH
        months = np.arange(min(int(reached), longest) + 1, dtype=np.float64)
        defaulted = np.sort(age[inside & np.isfinite(age)])
        if months.size > 1 and defaulted.size and inside.sum() >= LEAST_RECORDS:
            rate = np.searchsorted(defaulted, months, side="right") / inside.sum()
            curves.append(VintageCurve(str(year), months, rate))
    return tuple(curves)
