"""Two candidates on the same scored records: the difference of a figure, and the test that belongs to it.

- AUC: DeLong's test, stratified by fold.
- AUC of the falls of currencies: paired bootstrap of whole currencies, within folds.
- Log loss, Brier score, absolute and squared error: paired test of the losses with a variance within folds.
- Calibration gap: paired bootstrap within blocks.
- Spearman: paired bootstrap of the records within folds.
- Average precision of a study judged by its alerts: paired bootstrap of whole days (in a stream, hours),
  drawn within each fold, of the mean over folds.
- Under cross-validation every figure: the corrected repeated-CV t-test over its values on the folds, since a
  record is scored once per repetition and training sets overlap.

Records of one customer count as one observation wherever the test allows for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import stdtrit

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.notes import noted
from barograph.core.results import Standing, TestResult
from barograph.evaluate.records.clock import unit_of, units
from barograph.evaluate.records.figures import HIGHER_IS_BETTER, Figure, Said
from barograph.measures.alerts import (
    DailyFigure,
    daily_average_precision,
    daily_ratio,
    mean_over_folds,
    paired_day_bootstrap,
)
from barograph.measures.credit.checks import blocks_of
from barograph.measures.credit.clustered_auc import clustered_auc
from barograph.measures.credit.delong import stratified_delong
from barograph.measures.credit.paired_tests import calibration_gap, paired_gap_test, paired_loss_test
from barograph.measures.credit.repeated_cv import corrected_repeated_cv

Interval = tuple[float, float]

SIGNIFICANCE: Final = 0.05
"""Two-sided size at which a difference gives a standing."""

BOOTSTRAPS: Final = {"days": "paired_day_bootstrap", "hours": "paired_hour_bootstrap"}
"""Name of the bootstrap of average precision, by what it draws again."""

FLOOR: Final = 1e-12
"""Probabilities are kept this far from 0 and 1 in the log loss, as in `measures.classification`."""


@dataclass(frozen=True, slots=True)
class Duel:
    """The model's figure minus the opponent's, with its 95 % interval and test."""

    metric: str
    difference: float
    interval: Interval
    test: TestResult

    @property
    def gain(self) -> float:
        """The difference, turned so that positive is better."""
        return self.difference if self.metric in HIGHER_IS_BETTER else -self.difference

    @property
    def least_gain(self) -> float:
        """The lower end of the 95 % interval of the gain."""
        low, high = self.interval
        return low if self.metric in HIGHER_IS_BETTER else -high

    @property
    def even(self) -> bool:
        """Whether the two say the same of every record, so that there is nothing to test."""
        return self.difference == 0.0 and math.isnan(self.test.p_value)

    def standing(self, size: float = SIGNIFICANCE) -> Standing:
        """What the test says at a two-sided size; a test that could not be made says nothing."""
        if not self.test.p_value < size:
            return "indistinguishable"
        return "better" if self.gain > 0.0 else "worse"


def auc_duel(model: Said, opponent: Said, cluster: IntArray | None) -> Duel:
    """See the module."""
    found = stratified_delong(model.label, model.predicted, opponent.predicted, model.fold, cluster=cluster)
    return Duel("auc", found.difference, found.interval, found.test)


def cluster_duel(model: Said, opponent: Said, group: IntArray, draws: int, rng: np.random.Generator) -> Duel:
    """See the module: AUC within folds, groups drawn again with all their records."""
    found = clustered_auc(
        model.label, model.predicted, opponent.predicted, model.fold, group, generator=rng, draws=draws
    )
    return Duel("auc", found.difference, found.interval, found.test)


def loss_duel(metric: str, model: Said, opponent: Said, cluster: IntArray | None) -> Duel:
    """See the module; a difference of R² is that of the mean squared errors over the labels' variance."""
    loss = LOSSES[metric]
    counts = 1.0 if model.weight is None else model.weight / model.weight.mean()
    found = paired_loss_test(
        counts * loss(model.label, model.predicted),
        counts * loss(model.label, opponent.predicted),
        model.fold,
        cluster=cluster,
    )
    if metric != "r2":
        return Duel(metric, found.difference, found.interval, found.test)
    spread = float(np.var(model.label)) if model.label.size else math.nan
    scale = -1.0 / spread if spread > 0.0 else math.nan
    high, low = found.interval
    test = replace(found.test, statistic=-found.test.statistic)
    return Duel(metric, scale * found.difference, (scale * low, scale * high), test)


def gap_duel(model: Said, opponent: Said, draws: int, rng: np.random.Generator) -> Duel:
    """See the module; of weighted records there is no test, for the gap's bootstrap counts records."""
    if model.weight is not None:
        ours, theirs = (
            calibration_gap(one.label, one.predicted, one.block, weight=one.weight)
            for one in (model, opponent)
        )
        difference = ours - theirs
        return _undefined("calibration_gap", "paired_gap_test", difference, model.label.size, "weighted")
    found = paired_gap_test(
        model.label, model.predicted, opponent.predicted, model.block, draws=draws, rng=rng
    )
    return Duel("calibration_gap", found.difference, found.interval, found.test)


def bootstrap_duel(
    metric: str, figure: Figure, model: Said, opponent: Said, draws: int, rng: np.random.Generator
) -> Duel:
    """See the module. The p-value is twice the smaller share of draws on either side of zero."""
    folds = blocks_of(model.fold, model.fold.size)
    moved = np.empty(draws)
    for draw in range(draws):
        places = np.concatenate([rows[rng.integers(0, rows.size, rows.size)] for rows in folds])
        moved[draw] = figure(model.take(places)) - figure(opponent.take(places))
    difference = figure(model) - figure(opponent)
    moved = moved[np.isfinite(moved)]
    n, name = model.label.size, "paired_bootstrap"
    if moved.size < 2 or not np.std(moved) > 0.0:
        return _undefined(metric, name, difference, n, noted("notes.test.never_varies"))
    side = min(int((moved <= 0.0).sum()), int((moved >= 0.0).sum()))
    low, high = np.quantile(moved, [0.025, 0.975]).tolist()
    p_value = min(1.0, 2.0 * (side + 1) / (moved.size + 1))
    test = TestResult(name, difference / float(np.std(moved, ddof=1)), p_value, n)
    return Duel(metric, difference, (low, high), test)


def day_duel(
    model: Said,
    opponent: Said,
    time: DateArray,
    draws: int,
    rng: np.random.Generator,
    *,
    factor: float = 1.0,
) -> Duel:
    """See the module. Folds with one class only are left out on both sides.

    With a factor the difference is the model's figure less that many times the opponent's.
    """
    name = BOOTSTRAPS[unit_of(time)]
    ours, theirs = (daily_precision(said, time) for said in (model, opponent))
    if ours is None or theirs is None:
        return _undefined("average_precision", name, math.nan, 0, noted("notes.test.one_class"))
    found = paired_day_bootstrap(ours, theirs.times(factor), generator=rng, draws=draws)
    return Duel("average_precision", found.difference, found.interval, replace(found.test, name=name))


def daily_precision(said: Said, time: DateArray) -> DailyFigure | None:
    """Average precision for any mixture of days (in a stream, hours), the mean over folds that hold both
    classes; None of none.

    Units are drawn again within their fold. Where no fold has more than one, the folds are drawn instead.
    """
    day = units(time)
    folds = [rows for rows in blocks_of(said.fold, said.fold.size) if np.unique(said.label[rows]).size > 1]
    if not folds:
        return None
    found = [_of_fold(said.take(rows), day[rows]) for rows in folds]
    if within_days(said.fold, day):
        values = [one.value for one in found]
        return daily_ratio(values, np.ones(len(values)), np.arange(len(values)))
    return mean_over_folds(found)


def within_days(fold: IntArray, day: DateArray) -> bool:
    """Whether every fold lies within one day (or hour)."""
    return all(np.unique(day[rows]).size == 1 for rows in blocks_of(fold, fold.size))


def _of_fold(said: Said, day: DateArray) -> DailyFigure:
    return daily_average_precision(said.label, said.predicted, day, weight=said.weight)


def repeated_duel(metric: str, figure: Figure, model: Said, opponent: Said) -> Duel:
    """See the module. The folds of one repetition are those that share its number."""
    repetitions: dict[int, list[float]] = {}
    for rows in blocks_of(model.fold, model.fold.size):
        moved = figure(model.take(rows)) - figure(opponent.take(rows))
        repetitions.setdefault(int(model.block[rows[0]]), []).append(moved)
    table = list(repetitions.values())
    n = sum(len(row) for row in table)
    if not table or any(len(row) != len(table[0]) for row in table) or not np.isfinite(table).all():
        return _undefined(metric, "corrected_repeated_cv", math.nan, n, noted("notes.test.undefined_on_fold"))
    test, difference = corrected_repeated_cv(table), float(np.mean(table))
    if not abs(test.statistic) > 0.0:
        return Duel(metric, difference, (math.nan, math.nan), test)
    reach = float(stdtrit(n - 1, 0.975)) * difference / test.statistic
    return Duel(metric, difference, (difference - reach, difference + reach), test)


def _undefined(metric: str, name: str, difference: float, n: int, note: str) -> Duel:
    nothing = (math.nan, math.nan)
    return Duel(metric, difference, nothing, TestResult(name, math.nan, math.nan, n, note))


def _log_losses(label: FloatArray, predicted: FloatArray) -> FloatArray:
    kept = np.clip(predicted, FLOOR, 1.0 - FLOOR)
    return np.asarray(-np.where(label == 1.0, np.log(kept), np.log1p(-kept)))


def _squares(label: FloatArray, predicted: FloatArray) -> FloatArray:
    return np.asarray((predicted - label) ** 2)


def _distances(label: FloatArray, predicted: FloatArray) -> FloatArray:
    return np.abs(predicted - label)


LOSSES: Final[dict[str, Callable[[FloatArray, FloatArray], FloatArray]]] = {
    "log_loss": _log_losses,
    "brier": _squares,
    "r2": _squares,
    "mae": _distances,
}
"""The loss of each record behind a figure that is a mean of losses."""
