"""The yes-or-no figures of alerts from a threshold upwards, over all events and for each pattern of fraud."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray
from barograph.core.errors import DataError
from barograph.measures.classification import (
    accuracy,
    confusion,
    f1,
    log_loss,
    observation_weights,
    precision,
    recall,
)
from barograph.measures.credit.checks import complete, defaulted, probability
from barograph.measures.credit.discrimination import average_precision


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Figures at one threshold; NaN where undefined."""

    threshold: float
    alert_rate: float  # share of all events that is alerted
    loss: float  # log loss of the probabilities, whatever the threshold; natural logarithm
    accuracy: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class PatternFigures:
    """One pattern of fraud against all legitimate events, the other patterns left out."""

    pattern: str
    frauds: float  # by weight
    recall: float  # at the threshold
    precision: float
    f1: float
    average_precision: float


def operating_point(
    label: npt.ArrayLike, p: npt.ArrayLike, *, threshold: float, weight: npt.ArrayLike | None = None
) -> OperatingPoint:
    """Loss, accuracy, precision, recall and F1 of alerts from a threshold upwards.

    Parameters
    ----------
    label, p : array_like [n]
        Outcome (1 = fraud) and its probability.
    threshold : float
        Chosen elsewhere.
    weight : array_like [n], optional
        How many events each stands for.

    Returns
    -------
    OperatingPoint
    """
    fraud = defaulted(label)
    chance = probability("p", p, fraud.size)
    weights = observation_weights(weight, fraud.size)
    alert = chance >= threshold
    counts = confusion(fraud, alert, weight=weights)
    everything = counts.n_obs
    return OperatingPoint(
        threshold=threshold,
        alert_rate=float(weights @ alert) / everything if everything else float("nan"),
        loss=log_loss(fraud, chance, weight=weights),
        accuracy=accuracy(counts),
        precision=precision(counts),
        recall=recall(counts),
        f1=f1(counts),
    )


def by_pattern(
    label: npt.ArrayLike,
    pattern: AnyArray,
    score: npt.ArrayLike,
    *,
    threshold: float,
    weight: npt.ArrayLike | None = None,
) -> list[PatternFigures]:
    """Recall, precision, F1 and average precision of each pattern of fraud against legitimate events.

    For the scenarios of card fraud and the shapes of laundering (fan-in, cycle). A precision here is below
    that over all frauds, since fewer alerts can be right.

    Parameters
    ----------
    label : array_like [n]
    pattern : array [n]
        Name or number of the pattern of each fraud; what legitimate events carry is not read.
    score : array_like [n]
    threshold : float
        Alerts are raised from it upwards.
    weight : array_like [n], optional
        How many events each stands for.

    Returns
    -------
    list of PatternFigures
        In ascending order of the patterns that occur; empty without a fraud.
    """
    fraud = defaulted(label)
    risk = complete("score", score, fraud.size)
    weights = observation_weights(weight, fraud.size)
    kind = np.asarray(pattern)
    if kind.shape != fraud.shape:
        raise DataError(
            f"pattern must have one value per event, {fraud.size} in all",
            came=f"its shape is {kind.shape}",
            do="Pass one-dimensional arrays of equal length",
        )
    found = []
    for one in np.unique(kind[fraud]):
        used = ~fraud | (kind == one)
        happened, ranked, counted = fraud[used], risk[used], weights[used]
        counts = confusion(happened, ranked >= threshold, weight=counted)
        found.append(
            PatternFigures(
                pattern=str(one),
                frauds=counts.true_positive + counts.false_negative,
                recall=recall(counts),
                precision=precision(counts),
                f1=f1(counts),
                average_precision=average_precision(happened, ranked, weight=counted),
            )
        )
    return found
