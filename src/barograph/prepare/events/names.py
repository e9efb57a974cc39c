"""Names of event features, of the steps of a sequence, and of what can become of an event."""

from __future__ import annotations

from collections.abc import Sequence

from barograph.core.fitted_events import DAY, HOUR, EventPlan

STATUSES = ("new", "late", "duplicate", "used_id", "too_late", "bad_time", "bad_amount")
"""What became of an event; `new` and `late` were taken in, `duplicate` was answered as the first time."""

NEW, LATE, DUPLICATE, USED_ID, TOO_LATE, BAD_TIME, BAD_AMOUNT = range(len(STATUSES))

OWN = ("amount", "log_amount", "weekend", "night", "hour_sin", "hour_cos")

CHANNELS = ("log_amount", "log_gap", "weekend", "night", "risk")
"""Channels of `last_events`: as `OWN`; log(1 + seconds since the step before); risk share when answered."""


def feature_names(plan: EventPlan) -> tuple[str, ...]:
    """Columns of `replay` and entries of a live row, in order.

    Parameters
    ----------
    plan : EventPlan

    Returns
    -------
    tuple of str, [F]
        `amount` and sums in money units; `log_amount` is ``sign(a) log(1 + |a|)``; counts 0 or more; means
        NaN where the window is empty; `recency` in seconds, NaN where nothing lies in the longest window;
        `ratio` = amount over the median amount of the longest window, NaN unless that is positive;
        `risk_share` = frauds over known labels, NaN without any. Everything about the counterparty is NaN
        where there is none.

    Examples
    --------
    >>> feature_names(EventPlan(windows=(3600,), keys=("actor",), risk_windows=()))[6:10]
    ('actor_count_1h', 'actor_sum_1h', 'actor_mean_1h', 'actor_recency')
    """
    names = list(OWN)
    for key in plan.keys:
        for window in plan.windows:
            names += [f"{key}_{what}_{window_name(window)}" for what in ("count", "sum", "mean")]
        names += [f"{key}_recency", f"{key}_ratio"]
    if plan.new_counterparty:
        names.append("new_counterparty")
    return (*names, *label_names(plan.risk_windows))


def label_names(risk_windows: Sequence[int]) -> tuple[str, ...]:
    """The features that are made of known labels: those of the counterparty's risk."""
    return tuple(
        f"risk_{what}_{window_name(window)}"
        for window in risk_windows
        for what in ("known", "frauds", "share")
    )


def window_name(seconds: int) -> str:
    """A window in a word: 30d, 1h or 90s."""
    for unit, letter in ((DAY, "d"), (HOUR, "h")):
        if seconds % unit == 0:
            return f"{seconds // unit}{letter}"
    return f"{seconds}s"
