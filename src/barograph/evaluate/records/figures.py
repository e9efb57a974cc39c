"""What is measured of one candidate on some scored records: every figure by name, and which way is better.

Figures of ranking are taken within folds and averaged by their number of records, so that only records scored
by the same fitted models are ever compared and nothing is gained by telling one vintage from another. All
other figures are taken over the records together. Of a study judged by its alerts, average precision is the
plain mean over folds instead, as a day-bootstrap draws it.

Where records carry weights, every figure that depends on the share of bads counts a record as often as its
weight says; AUC does not depend on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.scoring_study import ScoringStudy
from barograph.measures import classification
from barograph.measures.alerts import recall_at_alert_rate
from barograph.measures.credit import discrimination, loss_given_default
from barograph.measures.credit.calibration_tests import calibration_line
from barograph.measures.credit.checks import blocks_of
from barograph.measures.credit.delong import stratified_auc
from barograph.measures.credit.paired_tests import calibration_gap

HIGHER_IS_BETTER: Final = frozenset(
    {
        "auc", "gini", "ks", "h_measure", "average_precision", "accuracy", "precision", "recall", "recall_10",
        "f1", "r2", "spearman", "loss_capture",
    }
)  # fmt: skip
"""The one place that says which way a figure is better.

Everywhere in a scoring run a difference is the model's figure minus the opponent's, as it is. For a loss (all
other figures) a negative difference is better, for these a positive one; sentences and standings say which.
"""

CALIBRATION: Final = frozenset({"calibration_slope", "calibration_intercept", "calibration_gap"})
"""Figures that claim a calibration: blank under the retrospective protocol."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What one candidate said of some scored records."""

    label: FloatArray  # [n]
    predicted: FloatArray  # [n]
    fold: IntArray  # [n]
    block: IntArray  # [n] vintage, retrospective test or repetition
    threshold: FloatArray  # [n] probability above which a record is called bad
    exposure: FloatArray  # [n]
    weight: FloatArray | None = None  # [n] records that each stands for; None = 1 each

    def take(self, places: IntArray) -> Said:
        """Some of the records."""
        return Said(
            self.label[places],
            self.predicted[places],
            self.fold[places],
            self.block[places],
            self.threshold[places],
            self.exposure[places],
            None if self.weight is None else self.weight[places],
        )

    def usable(self) -> IntArray:
        """Places of records with a label and a prediction."""
        return np.flatnonzero(np.isfinite(self.label) & np.isfinite(self.predicted))


Figure = Callable[[Said], float]


def _within_folds(figure: Figure, said: Said) -> float:
    """Mean over folds, weighted by records; folds where the figure is undefined are left out."""
    total, weight = 0.0, 0
    for rows in blocks_of(said.fold, said.fold.size):
        value = figure(said.take(rows))
        if math.isfinite(value):
            total, weight = total + value * rows.size, weight + rows.size
    return total / weight if weight else math.nan


def mean_of_folds(figure: Figure, said: Said) -> float:
    """Plain mean over folds; folds where the figure is undefined are left out."""
    values = [figure(said.take(rows)) for rows in blocks_of(said.fold, said.fold.size)]
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan


def _plain(measure: Callable[[FloatArray, FloatArray], float], said: Said) -> float:
    return measure(said.label, said.predicted)


def _weighted(measure: Callable[..., float], said: Said) -> float:
    return measure(said.label, said.predicted, weight=said.weight)


def _ranking(measure: Callable[[FloatArray, FloatArray], float]) -> Figure:
    return partial(_within_folds, partial(_plain, measure))


def _auc(said: Said) -> float:
    return stratified_auc(said.label, said.predicted, said.fold)


def _gini(said: Said) -> float:
    return 2.0 * _auc(said) - 1.0


def _loss_capture(said: Said) -> float:
    known = bool((said.exposure > 0.0).all())
    weights = said.exposure if known else None
    return loss_given_default.loss_capture_ratio(said.label, said.predicted, weights)


def _slope(said: Said) -> float:
    return calibration_line(said.label, said.predicted, weight=said.weight).slope


def _intercept(said: Said) -> float:
    return calibration_line(said.label, said.predicted, weight=said.weight).in_the_large


def _gap(said: Said) -> float:
    return calibration_gap(said.label, said.predicted, said.block, weight=said.weight)


def _called(measure: Callable[[classification.Confusion], float], said: Said) -> float:
    above = said.predicted > said.threshold
    return measure(classification.confusion(said.label == 1.0, above, weight=said.weight))


PROBABILITY_FIGURES: Final[dict[str, Figure]] = {
    "auc": _auc,
    "gini": _gini,
    "ks": _ranking(discrimination.kolmogorov_smirnov),
    "h_measure": _ranking(discrimination.h_measure),
    "average_precision": partial(_within_folds, partial(_weighted, discrimination.average_precision)),
    "brier": partial(_weighted, classification.brier),
    "log_loss": partial(_weighted, classification.log_loss),
    "calibration_slope": _slope,
    "calibration_intercept": _intercept,
    "calibration_gap": _gap,
    "accuracy": partial(_called, classification.accuracy),
    "precision": partial(_called, classification.precision),
    "recall": partial(_called, classification.recall),
    "f1": partial(_called, classification.f1),
}
"""Figures of a probability of default; the intercept is the one beside a slope held at 1."""

LOSS_FIGURES: Final[dict[str, Figure]] = {
    "r2": partial(_plain, loss_given_default.r_squared),
    "mae": partial(_plain, loss_given_default.mean_absolute_error),
    "spearman": _ranking(loss_given_default.spearman),
    "loss_capture": partial(_within_folds, _loss_capture),
}
"""Figures of a loss given default; exposures weigh the loss capture where every one is known."""


OF_RANKS: Final = frozenset({"auc", "gini", "ks", "average_precision"})
"""Figures that a rank has as well as a probability: those that any increasing map leaves as they are."""

_OF_CREDIT: Final = frozenset({"gini", "ks", "h_measure"})

ALERT_FIGURES: Final[dict[str, Figure]] = {
    "average_precision": partial(mean_of_folds, partial(_weighted, discrimination.average_precision)),
    **{
        name: figure
        for name, figure in PROBABILITY_FIGURES.items()
        if name not in _OF_CREDIT | {"average_precision"}
    },
}
"""Figures of a study judged by its alerts, the headline first; those only credit reads are left out."""


ALARM_RATE: Final = 0.10
"""Share of a fold's records that raise an alarm in `recall_10`."""

FALL_FIGURES: Final[dict[str, Figure]] = {
    **{name: figure for name, figure in PROBABILITY_FIGURES.items() if name not in _OF_CREDIT},
    "recall_10": partial(_within_folds, partial(_plain, partial(recall_at_alert_rate, rate=ALARM_RATE))),
}
"""Figures of the falls of currencies: those of a probability, and the share of falls among the highest tenth
of each fold's forecasts."""


def figures_of(study: ScoringStudy) -> dict[str, Figure]:
    """The figures of a study."""
    if study.model.head == "hurdle_beta":
        return LOSS_FIGURES
    if study.prepare.fixings is not None:
        return FALL_FIGURES
    return PROBABILITY_FIGURES if study.evaluate.alerts is None else ALERT_FIGURES


def headline_metric(study: ScoringStudy) -> str:
    """The study's first score: AUC, of alerts average precision, of losses R²."""
    if study.model.head == "hurdle_beta":
        return "r2"
    return "auc" if study.evaluate.alerts is None else "average_precision"


def ranks_baselines(study: ScoringStudy) -> str:
    """What finds the best baseline: log loss, of alerts average precision, of losses MAE."""
    if study.model.head == "hurdle_beta":
        return "mae"
    return "log_loss" if study.evaluate.alerts is None else "average_precision"
