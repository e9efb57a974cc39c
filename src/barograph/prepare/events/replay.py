"""Event features of a whole table at once, equal to the live state's to the bit."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.event_table import Events
from barograph.core.fitted_events import CENTS, EventPlan
from barograph.prepare.events.grouped import grouped
from barograph.prepare.events.names import OWN, feature_names
from barograph.prepare.events.own import each_log_amount, moments
from barograph.prepare.events.risk import label_rows, risk_columns
from barograph.prepare.events.screen import Screening, known_labels, screen
from barograph.prepare.events.windows import new_partner_column, window_columns


def replay(events: Events, plan: EventPlan, *, screening: Screening | None = None) -> FloatArray:
    """Features of every row as the live state would have answered it, rows streamed in their order.

    Labels count from `label_time` on (see `prepare.events`).

    Parameters
    ----------
    events : Events
        In order of arrival.
    plan : EventPlan
    screening : Screening, optional
        That of `screen(events, plan)`, if it is there already.

    Returns
    -------
    array [n, F]
        Columns as `feature_names`, stored column by column. A duplicate has the row of its first; a refused
        row is NaN throughout.
    """
    judged = screen(events, plan) if screening is None else screening
    rows, other = judged.rows, counterparties(events)
    time, cents, other = judged.time[rows], judged.cents[rows], other[rows]
    table = np.full((len(feature_names(plan)), events.n), np.nan)
    table[: len(OWN), rows] = _own(time, cents, plan)
    by = {"actor": grouped(events.actor[rows], time), "counterparty": grouped(other, time)}
    first = len(OWN)
    for key in plan.keys:
        order = by[key].order
        first = _write(table, first, rows[order], window_columns(by[key], cents[order], plan))
    if plan.new_counterparty:
        order = by["actor"].order
        first = _write(table, first, rows[order], [new_partner_column(by["actor"], other[order], plan)])
    if plan.risk_windows:
        labels = label_rows(rows, other, judged.time, *known_labels(events), plan)
        shares = risk_columns(by["counterparty"], labels, plan)
        _write(table, first, rows[by["counterparty"].order], shares)
    repeated = np.flatnonzero((judged.source >= 0) & (judged.source != np.arange(events.n)))
    table[:, repeated] = table[:, judged.source[repeated]]
    return table.T


def _write(table: FloatArray, first: int, rows: IntArray, columns: list[FloatArray]) -> int:
    """Put columns into the table from one column on; answers the next free one."""
    for place, column in enumerate(columns, first):
        table[place, rows] = column
    return first + len(columns)


def counterparties(events: Events) -> IntArray:
    """Code of every row's counterparty, -1 where it is none or has no name, [n]."""
    nameless = np.flatnonzero(events.counterparties == "")
    return np.where(np.isin(events.counterparty, nameless), -1, events.counterparty).astype(np.int64)


def _own(time: IntArray, cents: IntArray, plan: EventPlan) -> FloatArray:
    """Columns that an event has by itself, [columns, m]."""
    return np.vstack([cents / CENTS, each_log_amount(cents), moments(time, plan).T])
