"""Discrete-time hazard of default: what was known of each loan in each period, and the PD from hazards.

Singer and Willett (1993), It's about time: using discrete-time survival analysis, Journal of Educational
Statistics 18; Shumway (2001), Forecasting bankruptcy more accurately, Journal of Business 74.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from barograph.core.arrays import DateArray, FloatArray
from barograph.core.errors import DataError


def person_periods(
    time: DateArray,
    event_time: DateArray,
    cut: np.datetime64,
    *,
    months_per_period: int,
    periods: int,
) -> tuple[FloatArray, FloatArray]:
    """Each loan's periods as they were known at a day: defaulted in it, and at risk in it.

    Period j of a loan ends ``(j + 1) · months_per_period`` months after it was made, that day included. A
    loan is at risk in a period that has ended by `cut` and that it entered without default. A default in a
    period still running at `cut` is left out, like the survival of all others in it: to count the one and
    not the other would let bad news in early and overstate the hazard.

    Parameters
    ----------
    time : DateArray [n]
        Day the loan was made.
    event_time : DateArray [n]
        Day of default; NaT where there is none.
    cut : datetime64
        Last day that is known; whatever comes after it has no influence.
    months_per_period, periods : int
        Length and number J of the periods.

    Returns
    -------
    event : FloatArray [n, J]
        1 in the period of the default, else 0; only where at risk.
    at_risk : FloatArray [n, J]
        1 where the period counts, else 0.

    Raises
    ------
    DataError
        If a loan has no day, or there is no period.
    """
    if periods < 1 or months_per_period < 1 or np.isnat(time).any() or np.isnat(cut):
        raise DataError(
            "a hazard needs a day for every loan, a cut, and periods of at least a month",
            came=f"got {int(np.isnat(time).sum())} loans without a day, cut {cut}, "
            f"{periods} periods of {months_per_period} months",
            do="Leave out records without a day; set periods and months to one or more",
        )
    day = time.astype("datetime64[D]")
    ends = np.stack([add_months(day, months_per_period * (j + 1)) for j in range(periods)], axis=-1)
    known = event_time.astype("datetime64[D]")
    known = np.where(known <= cut, known, np.datetime64("NaT"))
    gone = known[:, None] <= ends  # [n, J] defaulted by the end of the period; NaT compares as False
    entered = np.concatenate([np.ones((day.size, 1), dtype=bool), ~gone[:, :-1]], axis=1)
    at_risk = entered & (ends <= cut)
    return (gone & at_risk).astype(np.float64), at_risk.astype(np.float64)


def add_months(day: DateArray, months: int) -> DateArray:
    """The same day of the month so many months later; the month's last day where it has none such.

    Examples
    --------
    >>> add_months(np.array(["2003-01-31"], dtype="datetime64[D]"), 1).astype(str).tolist()
    ['2003-02-28']
    """
    month = day.astype("datetime64[M]")
    place = (day.astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)
    later = month + np.timedelta64(months, "M")
    first = later.astype("datetime64[D]")
    last = ((later + np.timedelta64(1, "M")).astype("datetime64[D]") - first).astype(np.int64) - 1
    moved: DateArray = first + np.minimum(place, last).astype("timedelta64[D]")
    return moved


def default_curve(hazard_logit: npt.ArrayLike) -> FloatArray:
    """Probability of default by the end of each period, ``1 - Π (1 - h)``, ``[..., J]``."""
    survived = special.log_expit(-np.asarray(hazard_logit, dtype=np.float64))
    return np.asarray(-np.expm1(np.cumsum(survived, axis=-1)))


def cumulative_default(hazard_logit: npt.ArrayLike) -> FloatArray:
    """Probability of default within all periods, ``1 - Π (1 - h)`` [...], from logits ``[..., J]``.

    Examples
    --------
    >>> cumulative_default([[0.0, 0.0]]).tolist()
    [0.75]
    """
    return np.asarray(default_curve(hazard_logit)[..., -1])
