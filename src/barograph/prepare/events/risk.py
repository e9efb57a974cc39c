"""Known labels and frauds of each counterparty in the risk windows, for a whole table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.fitted_events import SECOND, EventPlan
from barograph.prepare.events.grouped import Grouped
from barograph.prepare.events.labels import Labels


@dataclass(frozen=True, slots=True, eq=False)
class LabelRows:
    """Labels that became known, [k], of accepted rows that have a counterparty; ordered by counterparty."""

    place: IntArray  # of the event among the accepted rows, in order of arrival
    key: IntArray  # counterparty
    time: IntArray  # of the event, microseconds
    known_at: IntArray  # microseconds
    fraud: BoolArray

    def of(self, keys: IntArray) -> LabelRows:
        """The labels of counterparties in order, all of those from the first to the last."""
        if not keys.size:
            return self.take(slice(0, 0))
        return self.take(slice(*np.searchsorted(self.key, [keys[0], keys[-1] + 1]).tolist()))

    def take(self, some: BoolArray | IntArray | slice) -> LabelRows:
        """Some of the labels."""
        return LabelRows(
            self.place[some], self.key[some], self.time[some], self.known_at[some], self.fraud[some]
        )


def label_rows(
    rows: IntArray, key: IntArray, time: IntArray, label: FloatArray, known_at: IntArray, plan: EventPlan
) -> LabelRows:
    """The usable labels among accepted rows; `label` and `known_at` are of the table, `key` of the rows."""
    known_at = known_at[rows]
    admissible = (known_at >= plan.earliest_time) & (known_at < plan.latest_time)
    usable = np.flatnonzero(np.isfinite(label[rows]) & admissible & (key >= 0)).astype(np.int64)
    usable = usable[np.argsort(key[usable], kind="stable")]
    fraud = label[rows[usable]] == 1.0
    return LabelRows(usable, key[usable], time[rows[usable]], known_at[usable], fraud)


def risk_columns(rows: Grouped, labels: LabelRows, plan: EventPlan) -> list[FloatArray]:
    """The columns of `Labels.look`, each [m] in the order of `rows` (by counterparty)."""
    moments, rank = np.unique(rows.time, return_inverse=True)
    width = moments.shape[0] + 1
    asked = rows.key * width + rank
    known = _counts(labels, asked, moments, plan)
    frauds = _counts(labels.take(labels.fraud), asked, moments, plan)
    columns: list[FloatArray] = []
    for number, bad in zip(known, frauds, strict=True):
        share = np.full(number.shape[0], np.nan)
        np.divide(bad, number, out=share, where=number > 0)
        columns += [number, bad, share]
    for place in np.flatnonzero(_amended(rows, labels, plan)).tolist():
        row = _look(rows, place, labels, plan)
        for column, value in zip(columns, row, strict=True):
            column[place] = value
    return columns


def _counts(labels: LabelRows, asked: IntArray, moments: IntArray, plan: EventPlan) -> list[FloatArray]:
    """Labels in each window at each question: those that entered before it less those that left before it."""
    enter = _enter(labels, plan)

    def before(value: IntArray) -> IntArray:
        place = labels.key * (moments.shape[0] + 1) + np.searchsorted(moments, value, side="right")
        return np.searchsorted(np.sort(place), asked, side="right")

    entered = before(enter)
    ends = [labels.time + (plan.delay + window) * SECOND for window in plan.risk_windows]
    return [(entered - before(np.maximum(enter, end))).astype(np.float64) for end in ends]


def _enter(labels: LabelRows, plan: EventPlan) -> IntArray:
    return np.maximum(labels.known_at, labels.time + plan.delay * SECOND)


def _amended(rows: Grouped, labels: LabelRows, plan: EventPlan) -> BoolArray:
    """Rows answered before an event arrived whose label would count: only if labels can outrun arrivals."""
    if plan.delay >= plan.lateness or not labels.place.size:
        return np.zeros(rows.key.shape[0], dtype=np.bool_)
    enter = _enter(labels, plan)
    order = np.lexsort((enter, labels.key))
    size = int(max(rows.order.max(initial=0), labels.place.max())) + 1
    stacked = np.maximum.accumulate(labels.key[order] * size + labels.place[order])
    moments = np.unique(np.concatenate([rows.time, enter]))
    width = moments.shape[0] + 1
    entered = labels.key[order] * width + np.searchsorted(moments, enter[order])
    before = np.searchsorted(entered, rows.key * width + np.searchsorted(moments, rows.time))
    latest = np.where(before > 0, stacked[np.maximum(before - 1, 0)], -1)
    return np.asarray(latest > rows.key * size + rows.order)


def _look(rows: Grouped, place: int, labels: LabelRows, plan: EventPlan) -> list[float]:
    """One row from the labels of events that had arrived when it was answered."""
    mine = labels.take((labels.key == rows.key[place]) & (labels.place < rows.order[place]))
    live = Labels()
    due = mine.time + plan.delay * SECOND
    for one in zip(_enter(mine, plan).tolist(), due.tolist(), mine.fraud.tolist(), strict=True):
        live.add(*one)
    row: list[float] = []
    live.look(row, int(rows.time[place]), tuple(window * SECOND for window in plan.risk_windows))
    return row
