"""The clock of scored records: whole days, or hours where records carry instants."""

from __future__ import annotations

from typing import Literal

import numpy as np

from barograph.core.arrays import DateArray

HOURS_A_DAY = 24

Unit = Literal["days", "hours"]
"""What a bootstrap draws again as a whole."""


def unit_of(time: DateArray) -> Unit:
    """Days, or hours where times are finer than a day.

    Examples
    --------
    >>> unit_of(np.array(["2024-05-01"], dtype="datetime64[D]"))
    'days'
    >>> unit_of(np.array(["2024-05-01T10:59"], dtype="datetime64[s]"))
    'hours'
    """
    return "days" if np.datetime_data(time.dtype)[0] == "D" else "hours"


def units(time: DateArray) -> DateArray:
    """The day, or the hour, of each record, [n]."""
    return time.astype("datetime64[D]" if unit_of(time) == "days" else "datetime64[h]")


def days_covered(time: DateArray) -> float:
    """Days in which there are records; in a stream the hours with records, over 24.

    Examples
    --------
    >>> days_covered(np.array(["2024-05-01T10:59", "2024-05-01T11:01"], dtype="datetime64[s]")) * 24
    2.0
    """
    found = np.unique(units(time)).size
    return float(found) if unit_of(time) == "days" else found / HOURS_A_DAY


def shown(moment: np.datetime64) -> str:
    """A day as it is; an instant to the minute."""
    if np.datetime_data(moment.dtype)[0] == "D":
        return str(moment)
    return str(moment.astype("datetime64[m]")).replace("T", " ")
