"""The last events of each row's actor, as steps for a sequence network; equal to `EventState.steps`."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import SettingError
from barograph.core.event_table import Events
from barograph.core.fitted_events import EventPlan
from barograph.prepare.events.grouped import Grouped, grouped
from barograph.prepare.events.keys import UNKNOWN
from barograph.prepare.events.names import CHANNELS
from barograph.prepare.events.own import each_log_amount, each_log_gap, moments
from barograph.prepare.events.replay import replay
from barograph.prepare.events.screen import Screening, screen
from barograph.prepare.events.windows import seen_before


def last_events(
    events: Events,
    plan: EventPlan,
    length: int = 20,
    *,
    rows: IntArray | None = None,
    features: FloatArray | None = None,
    screening: Screening | None = None,
) -> FloatArray:
    """The actor's last events strictly before each row's time, and the row's own as the last step.

    Events at equal times stand in order of amount, then of risk: their order of arrival cannot matter.

    Parameters
    ----------
    events : Events
        In order of arrival.
    plan : EventPlan
        The actor must be among its keys.
    length : int
        Steps, the event itself included.
    rows : array of int, optional
        The rows wanted, where not all: every row takes ``length * 5 * 8`` bytes.
    features : array [n, F], optional
        What `replay` answered, if it is there already.
    screening : Screening, optional
        That of `screen(events, plan)`, if it is there already.

    Returns
    -------
    array [n_rows, length, C]
        Channels as `names.CHANNELS`, oldest first; NaN where there are fewer events, throughout where the row
        was refused. Like features, steps look back on the longest window and `plan.most` events at most.

    Raises
    ------
    SettingError
        If the actor is not among the plan's keys.
    """
    if "actor" not in plan.keys:
        raise SettingError(
            "sequences need the actor among the plan's keys", came=f"got {plan.keys}", do="Add it to the keys"
        )
    judged = screen(events, plan) if screening is None else screening
    known = replay(events, plan, screening=judged) if features is None else features
    taken = judged.rows
    share = known[taken, -1] if plan.risk_windows else np.full(taken.shape[0], np.nan)
    risk = np.where(np.isnan(share), UNKNOWN, share)
    time, cents = judged.time[taken], judged.cents[taken]
    by = grouped(events.actor[taken], time, ties=(cents, risk))
    wanted = np.arange(events.n) if rows is None else rows
    position = np.full(events.n, -1, dtype=np.int64)
    position[taken[by.order]] = np.arange(taken.shape[0])
    source = judged.source[wanted]
    answered = np.flatnonzero(source >= 0)
    steps = np.full((wanted.shape[0], length, len(CHANNELS)), np.nan)
    place = position[source[answered]]
    before = _before(by, place, length, plan)
    values = _values(by.time, cents[by.order], risk[by.order], plan)
    steps[answered] = _filled(before, place, by.time, values)
    return steps


def _before(by: Grouped, place: IntArray, length: int, plan: EventPlan) -> IntArray:
    """Positions of the `length` events before each row, oldest first, [rows, length]; -1 where none is."""
    low, high = by.lows(plan.windows[-1:], plan.most)[0][place], by.high[place]
    before = high[:, None] - np.arange(length, 0, -1)[None, :]
    before[before < low[:, None]] = -1
    for row in np.flatnonzero(by.amended[place]).tolist():
        seen = seen_before(by, int(place[row]), plan)
        floor = (
            np.searchsorted(by.time[seen], by.time[seen[-plan.most - 1]], "right")
            if seen.size > plan.most
            else 0
        )
        seen = seen[floor:][-length:]
        before[row] = -1
        before[row, length - seen.size :] = seen
    return before


def _values(time: IntArray, cents: IntArray, risk: FloatArray, plan: EventPlan) -> FloatArray:
    """Channels of every event but the gap, which depends on the step before; [m, C]."""
    values = np.empty((time.shape[0], len(CHANNELS)))
    values[:, 0] = each_log_amount(cents)
    values[:, 1] = np.nan
    values[:, 2:4] = moments(time, plan)[:, :2]
    values[:, 4] = np.where(risk == UNKNOWN, np.nan, risk)
    return values


def _filled(before: IntArray, place: IntArray, time: IntArray, values: FloatArray) -> FloatArray:
    """Steps of rows: the events before, but for the oldest (which only gives a gap), then the row's own."""
    chain = np.concatenate([before, place[:, None]], axis=1)
    last, first = chain[:, 1:], chain[:, :-1]
    steps: FloatArray = values[last]
    steps[last < 0] = np.nan
    joined = first >= 0
    steps[..., 1][joined] = each_log_gap(time[last[joined]] - time[first[joined]])
    return steps
