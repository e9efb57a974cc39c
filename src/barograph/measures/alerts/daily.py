"""Figures that a bootstrap over days can draw again: each tells its value for any mixture of days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray, FloatArray
from barograph.measures.alerts.ranking import daily_ranking
from barograph.measures.classification import observation_weights
from barograph.measures.credit.checks import codes_of, complete, defaulted

Decision = Literal["accuracy", "precision", "recall", "f1"]


@dataclass(frozen=True, slots=True, eq=False)
class DailyFigure:
    """A figure as a function of how often each day counts."""

    days: tuple[int, ...]  # days of each fold; they are drawn again within their fold
    of: Callable[[FloatArray], FloatArray]  # counts [draws, sum(days)] to values [draws]; NaN = undefined

    @property
    def value(self) -> float:
        """The figure of the sample itself: every day once."""
        return float(self.of(np.ones((1, sum(self.days))))[0])

    def times(self, factor: float) -> DailyFigure:
        """So many times the figure."""
        return DailyFigure(self.days, lambda counts: factor * self.of(counts))


def daily_average_precision(
    label: npt.ArrayLike, score: npt.ArrayLike, day: AnyArray, *, weight: npt.ArrayLike | None = None
) -> DailyFigure:
    """Average precision of the events of all days together.

    Parameters
    ----------
    label, score : array_like [n]
    day : array [n]
        Day, or another unit of time such as the hour, of each event.
    weight : array_like [n], optional
        How many events each stands for.
    """
    ranking = daily_ranking(label, score, day, weight=weight)
    return DailyFigure((ranking.n_days,), ranking.average_precision)


def daily_auc(
    label: npt.ArrayLike, score: npt.ArrayLike, day: AnyArray, *, weight: npt.ArrayLike | None = None
) -> DailyFigure:
    """Area under the ROC curve of the events of all days together; as `daily_average_precision`."""
    ranking = daily_ranking(label, score, day, weight=weight)
    return DailyFigure((ranking.n_days,), ranking.auc)


def daily_recall_at_alert_rate(
    label: npt.ArrayLike,
    score: npt.ArrayLike,
    day: AnyArray,
    *,
    rate: float = 0.01,
    weight: npt.ArrayLike | None = None,
) -> DailyFigure:
    """Recall at an alert rate over all days together, the threshold found anew for each mixture of days."""
    ranking = daily_ranking(label, score, day, weight=weight)
    return DailyFigure((ranking.n_days,), lambda counts: ranking.recall_at_alert_rate(counts, rate))


def daily_ratio(part: npt.ArrayLike, whole: npt.ArrayLike, day: AnyArray) -> DailyFigure:
    """Sum of `part` over sum of `whole`, such as the loss of each event over its weight.

    With one row per day and `whole` 1 it is a mean over days: card precision, money saved per day.

    Parameters
    ----------
    part, whole : array_like [n]
    day : array [n]
    """
    parts = complete("part", part)
    code = codes_of(day, parts.size)
    part_of, whole_of = (
        np.bincount(code, weights=values) for values in (parts, complete("whole", whole, parts.size))
    )

    def of(counts: FloatArray) -> FloatArray:
        below = counts @ whole_of
        share = np.divide(counts @ part_of, below, out=np.full(below.shape, np.nan), where=below != 0.0)
        return np.asarray(share)

    return DailyFigure((part_of.size,), of)


def daily_decision(
    figure: Decision,
    label: npt.ArrayLike,
    score: npt.ArrayLike,
    day: AnyArray,
    *,
    threshold: float,
    weight: npt.ArrayLike | None = None,
) -> DailyFigure:
    """Accuracy, precision, recall or F1 of alerts from a fixed threshold upwards."""
    fraud = defaulted(label)
    alert = complete("score", score, fraud.size) >= threshold
    weights = observation_weights(weight, fraud.size)
    part, whole = {
        "accuracy": (alert == fraud, np.ones(fraud.size)),
        "precision": (alert & fraud, alert),
        "recall": (alert & fraud, fraud),
        "f1": (2.0 * (alert & fraud), alert + 1.0 * fraud),
    }[figure]
    return daily_ratio(weights * part, weights * whole, day)


def mean_over_folds(figures: Sequence[DailyFigure]) -> DailyFigure:
    """Plain mean of the figures of several folds, whose days are drawn again within each fold.

    For a walk-forward study whose folds have their own models, so that their scores cannot be pooled.
    """
    ends = np.cumsum([sum(figure.days) for figure in figures])[:-1]

    def of(counts: FloatArray) -> FloatArray:
        parts = np.split(counts, ends, axis=1)
        values = [figure.of(part) for figure, part in zip(figures, parts, strict=True)]
        return np.asarray(np.mean(values, axis=0))

    return DailyFigure(tuple(days for figure in figures for days in figure.days), of)
