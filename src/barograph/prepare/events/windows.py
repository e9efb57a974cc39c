"""Counts, sums, means, recency and ratio to the median of one kind of key, for a whole table."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_events import CENTS, SECOND, EventPlan
from barograph.prepare.events.grouped import Grouped, grouped
from barograph.prepare.events.history import History
from barograph.prepare.events.medians import range_medians


def window_columns(rows: Grouped, cents: IntArray, plan: EventPlan) -> list[FloatArray]:
    """The columns of `History.look`, each [m] in the order of `rows`.

    Parameters
    ----------
    rows : Grouped
    cents : array [m]
        Amounts in the order of `rows`.
    plan : EventPlan
    """
    columns: list[FloatArray] = []
    prefix = np.concatenate([[0], np.cumsum(cents)])
    lows = rows.lows(plan.windows, plan.most)
    for low in lows:
        count, money = (
            (rows.high - low).astype(np.float64),
            (prefix[rows.high] - prefix[low]).astype(np.float64),
        )
        mean = np.full(count.shape[0], np.nan)
        np.divide(money, CENTS * count, out=mean, where=count > 0)
        columns += [count, money / CENTS, mean]
    some = rows.high > lows[-1]
    latest = rows.time[np.maximum(rows.high - 1, 0)]
    columns.append(np.where(some, (rows.time - latest) / SECOND, np.nan))
    middle = range_medians(cents, rows.segment, lows[-1], rows.high)
    ratio = np.full(cents.shape[0], np.nan)
    np.divide(cents, middle, out=ratio, where=middle > 0)
    columns.append(ratio)
    for place in np.flatnonzero(rows.amended).tolist():
        before = seen_before(rows, place, plan)
        history = History(rows.time[before].tolist(), cents[before].tolist())
        row: list[float] = []
        windows = tuple(one * SECOND for one in plan.windows)
        history.look(row, int(rows.time[place]), int(cents[place]), windows, plan.most)
        for column, value in zip(columns, row, strict=True):
            column[place] = value
    return columns


def new_partner_column(rows: Grouped, partner: IntArray, plan: EventPlan) -> FloatArray:
    """1 where no event of the actor's longest window was with the same counterparty, 0 else; [m].

    Parameters
    ----------
    rows : Grouped
        Rows by actor.
    partner : array [m]
        Counterparty in the order of `rows`; -1 gives NaN.
    plan : EventPlan
    """
    low = rows.lows(plan.windows[-1:], plan.most)[0]
    pair = np.where(partner < 0, -1, rows.key * (int(partner.max(initial=0)) + 1) + partner)
    pairs = grouped(pair, rows.time)
    latest = np.full(partner.shape[0], -1, dtype=np.int64)
    met = pairs.high > pairs.segment
    latest[pairs.order[met]] = pairs.time[pairs.high[met] - 1]
    again = (low < rows.high) & (latest >= rows.time[np.minimum(low, max(low.shape[0] - 1, 0))])
    column = np.where(partner < 0, np.nan, np.where(again, 0.0, 1.0))
    for place in np.flatnonzero(rows.amended & (partner >= 0)).tolist():
        before = seen_before(rows, place, plan)
        history = History(rows.time[before].tolist())
        first, last = history.span(int(rows.time[place]), plan.lookback, plan.most)
        column[place] = float(partner[place] not in partner[before[first:last]])
    return column


def seen_before(rows: Grouped, place: int, plan: EventPlan) -> IntArray:
    """Positions of the earlier events of a row's key that had arrived when it was answered, by time."""
    first, last = int(rows.segment[place]), int(rows.high[place])
    first += int(np.searchsorted(rows.time[first:last], rows.time[place] - plan.lookback))
    return first + np.flatnonzero(rows.order[first:last] < rows.order[place])
