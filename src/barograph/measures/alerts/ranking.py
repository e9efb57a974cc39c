"""Average precision, AUC and recall at an alert rate as functions of how often each day counts.

A bootstrap over days changes only the weight of each day, so that one sort serves every resample: between
two neighbouring scores of frauds it does not matter where the other events lie. What each day holds there
is counted once; a resample is then a product of its day counts with that table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.measures.alerts.top import checked_rate
from barograph.measures.classification import observation_weights
from barograph.measures.credit.checks import codes_of, complete, defaulted

CELLS = 2_000_000
"""Cells of a table held at once: 16 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pass:
    """Weights at some distinct scores of frauds, in descending order, of every resample: [draws, steps]."""

    fraud: FloatArray  # frauds with that score
    tied: FloatArray  # all events with that score
    above: FloatArray  # all events with a higher one
    fraud_above: FloatArray  # frauds with a higher one


@dataclass(frozen=True, slots=True, eq=False)
class DailyRanking:
    """Events counted by day and by place among the distinct scores of the frauds; see `daily_ranking`."""

    n_days: int
    n_steps: int  # distinct scores of frauds
    cell: IntArray  # [n_cells] ascending: place · n_days + day; place 2g + 1 at the g-th score, 2g above it
    weight: FloatArray  # [n_cells] of all events
    fraud: FloatArray  # [n_cells] of frauds
    weight_of_day: FloatArray  # [n_days]
    fraud_of_day: FloatArray  # [n_days]

    def average_precision(self, counts: FloatArray) -> FloatArray:
        """As `measures.credit.discrimination.average_precision`, [draws] from counts [draws, n_days]."""
        total = np.zeros(len(counts))
        for at in self._passes(counts):
            called = at.above + at.tied
            precision = np.divide(
                at.fraud_above + at.fraud, called, out=np.zeros_like(called), where=called > 0.0
            )
            total += np.einsum("ds,ds->d", at.fraud, precision)
        both = self._others(counts) > 0.0
        return _ratio(total, np.where(both, counts @ self.fraud_of_day, 0.0))

    def auc(self, counts: FloatArray) -> FloatArray:
        """Area under the ROC curve, ties by half, [draws] from counts [draws, n_days]."""
        lost = np.zeros(len(counts))
        for at in self._passes(counts):
            ahead = at.above - at.fraud_above + 0.5 * (at.tied - at.fraud)
            lost += np.einsum("ds,ds->d", at.fraud, ahead)
        return 1.0 - _ratio(lost, counts @ self.fraud_of_day * self._others(counts))

    def recall_at_alert_rate(self, counts: FloatArray, rate: float) -> FloatArray:
        """As `top.recall_at_alert_rate`, [draws] from counts [draws, n_days]."""
        budget = checked_rate(rate) * (counts @ self.weight_of_day)[:, None]
        caught = np.zeros(len(counts))
        for at in self._passes(counts):
            inside = np.divide(budget - at.above, at.tied, out=np.zeros_like(at.tied), where=at.tied > 0.0)
            caught += np.einsum("ds,ds->d", at.fraud, np.clip(inside, 0.0, 1.0))
        return _ratio(caught, counts @ self.fraud_of_day)

    def _others(self, counts: FloatArray) -> FloatArray:
        """Weight of the legitimate events, exactly 0 where there is none."""
        return np.asarray(counts @ (self.weight_of_day - self.fraud_of_day))

    def _passes(self, counts: FloatArray) -> Iterator[_Pass]:
        """The steps from the highest score down, as many at once as fit `CELLS`."""
        at_once = max(1, CELLS // max(len(counts), 2 * self.n_days, 1))
        above, fraud_above = np.zeros(len(counts)), np.zeros(len(counts))
        for start in range(0, self.n_steps, at_once):
            stop = min(start + at_once, self.n_steps)
            events = self._table(self.weight, start, stop)
            tied = counts @ events[:, 1].T
            fraud = counts @ self._table(self.fraud, start, stop)[:, 1].T
            reached = above[:, None] + np.cumsum(counts @ events[:, 0].T + tied, axis=1)
            frauds = fraud_above[:, None] + np.cumsum(fraud, axis=1)
            yield _Pass(fraud, tied, reached - tied, frauds - fraud)
            above, fraud_above = reached[:, -1], frauds[:, -1]

    def _table(self, values: FloatArray, start: int, stop: int) -> FloatArray:
        """Sums of values between and at the steps start to stop, [steps, 2, n_days]."""
        first, last = 2 * start * self.n_days, 2 * stop * self.n_days
        low, high = np.searchsorted(self.cell, [first, last])
        sums = np.bincount(self.cell[low:high] - first, weights=values[low:high], minlength=last - first)
        return np.asarray(sums.reshape(stop - start, 2, self.n_days))


def daily_ranking(
    label: npt.ArrayLike, score: npt.ArrayLike, day: AnyArray, *, weight: npt.ArrayLike | None = None
) -> DailyRanking:
    """Sort events once for figures of any mixture of their days.

    Parameters
    ----------
    label, score : array_like [n]
    day : array [n]
        Day, or another unit of time; numbered in ascending order.
    weight : array_like [n], optional
        How many events each stands for.

    Returns
    -------
    DailyRanking
    """
    fraud = defaulted(label)
    risk = complete("score", score, fraud.size)
    weights = observation_weights(weight, fraud.size)
    days = codes_of(day, fraud.size)
    n_days = int(days.max(initial=-1)) + 1
    steps = np.unique(risk[fraud])
    below, up_to = np.searchsorted(steps, risk, side="left"), np.searchsorted(steps, risk, side="right")
    cell = (2 * (steps.size - up_to) + (up_to > below)) * n_days + days
    order = np.argsort(cell, kind="stable")
    return DailyRanking(
        n_days=n_days,
        n_steps=steps.size,
        cell=cell[order],
        weight=weights[order],
        fraud=(weights * fraud)[order],
        weight_of_day=np.bincount(days, weights=weights).astype(np.float64),
        fraud_of_day=np.bincount(days, weights=weights * fraud).astype(np.float64),
    )


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0.0))
