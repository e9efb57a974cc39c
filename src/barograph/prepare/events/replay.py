"""Event features of a whole table at once, equal to the live state's to the bit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.event_table import Events
from barograph.core.fitted_events import CENTS, EventPlan
from barograph.prepare.events.grouped import Grouped, parts
from barograph.prepare.events.names import OWN, feature_names
from barograph.prepare.events.own import each_log_amount, moments
from barograph.prepare.events.risk import LabelRows, label_rows, risk_columns
from barograph.prepare.events.screen import Screening, known_labels, screen
from barograph.prepare.events.windows import new_partner_column, window_columns

AT_ONCE = 2**20
"""Rows whose own columns are worked out at once: bounds the memory of what is needed on the way."""


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
    for begin in range(0, rows.shape[0], AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        _write(table, 0, rows[part], _own(time[part], cents[part], plan))
    if "actor" in plan.keys or plan.new_counterparty:
        for some in parts(events.actor[rows], time):
            _write_actors(table, some, rows, cents, other, plan)
    if "counterparty" in plan.keys or plan.risk_windows:
        labels = (
            label_rows(rows, other, judged.time, *known_labels(events), plan) if plan.risk_windows else None
        )
        for some in parts(other, time):
            _write_counterparties(table, some, rows, cents, labels, plan)
    repeated = np.flatnonzero((judged.source >= 0) & (judged.source != np.arange(events.n)))
    table[:, repeated] = table[:, judged.source[repeated]]
    return table.T


def _write_actors(
    table: FloatArray, part: Grouped, rows: IntArray, cents: IntArray, other: IntArray, plan: EventPlan
) -> None:
    """The columns about the actors of a part."""
    mine = rows[part.order]
    if "actor" in plan.keys:
        first = len(OWN) + plan.keys.index("actor") * _width(plan)
        _write(table, first, mine, window_columns(part, cents[part.order], plan))
    if plan.new_counterparty:
        first = len(OWN) + len(plan.keys) * _width(plan)
        _write(table, first, mine, [new_partner_column(part, other[part.order], plan)])


def _write_counterparties(
    table: FloatArray,
    part: Grouped,
    rows: IntArray,
    cents: IntArray,
    labels: LabelRows | None,
    plan: EventPlan,
) -> None:
    """The columns about the counterparties of a part."""
    mine = rows[part.order]
    if "counterparty" in plan.keys:
        first = len(OWN) + plan.keys.index("counterparty") * _width(plan)
        _write(table, first, mine, window_columns(part, cents[part.order], plan))
    if labels is not None:
        shares = risk_columns(part, labels.of(part.key), plan)
        _write(table, table.shape[0] - len(shares), mine, shares)


def _width(plan: EventPlan) -> int:
    """Columns about the events of one kind of key."""
    return 3 * len(plan.windows) + 2


def _write(table: FloatArray, first: int, rows: IntArray, columns: Sequence[FloatArray] | FloatArray) -> None:
    """Put columns into the table from one column on."""
    for place, column in enumerate(columns, first):
        table[place, rows] = column


def counterparties(events: Events) -> IntArray:
    """Code of every row's counterparty, -1 where it is none or has no name, [n]."""
    nameless = np.flatnonzero(events.counterparties == "")
    return np.where(np.isin(events.counterparty, nameless), -1, events.counterparty).astype(np.int64)


def _own(time: IntArray, cents: IntArray, plan: EventPlan) -> FloatArray:
    """Columns that an event has by itself, [columns, m]."""
    return np.vstack([cents / CENTS, each_log_amount(cents), moments(time, plan).T])
