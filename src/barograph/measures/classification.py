"""Figures of a yes-or-no forecast: counts of alarms, and scores of probabilities.

A ratio whose denominator is zero is undefined and NaN: precision without an alarm, recall without an event.
Weights say how many cases each one stands for, such as one over the rate at which it was sampled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.errors import DataError


def observation_weights(weight: npt.ArrayLike | None, n_obs: int) -> FloatArray:
    """How many cases each of n_obs stands for, as floats [n_obs]; ones where None is given.

    Raises
    ------
    DataError
        For another shape, or a weight that is negative, infinite or NaN.
    """
    if weight is None:
        return np.ones(n_obs)
    weights = np.asarray(weight, dtype=np.float64)
    if weights.shape != (n_obs,):
        raise DataError(
            f"weight must have one value per case, {n_obs} in all",
            came=f"its shape is {weights.shape}",
            do="Pass one-dimensional arrays of equal length",
        )
    wrong = ~(np.isfinite(weights) & (weights >= 0.0))
    if wrong.any():
        raise DataError(
            "weight must be a finite number, at least 0",
            came=f"{int(wrong.sum())} of {n_obs} are not, the first is {weights[wrong][0]:g}",
            do="Pass 1 for a case that stands for itself, 1 / rate for a sampled one",
        )
    return weights


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts, or sums of weights, of the four outcomes of an alarm: right or wrong, raised or not."""

    true_positive: float
    false_positive: float
    false_negative: float
    true_negative: float

    @property
    def n_obs(self) -> float:
        """All cases."""
        return self.true_positive + self.false_positive + self.false_negative + self.true_negative


def confusion(event: BoolArray, alarm: BoolArray, *, weight: npt.ArrayLike | None = None) -> Confusion:
    """Counts over cases: did it happen, and was it announced.

    Parameters
    ----------
    event, alarm : BoolArray [n]
    weight : array_like [n], optional
        The counts are then sums of it, as floats.

    Examples
    --------
    >>> confusion(np.array([True, True, False]), np.array([True, False, False]))
    Confusion(true_positive=1, false_positive=0, false_negative=1, true_negative=1)
    """
    happened, raised = np.asarray(event, dtype=bool), np.asarray(alarm, dtype=bool)
    outcomes = (happened & raised, ~happened & raised, happened & ~raised, ~happened & ~raised)
    if weight is None:
        return Confusion(*(int(np.sum(outcome)) for outcome in outcomes))
    weights = observation_weights(weight, happened.size)
    return Confusion(*(float(weights[outcome].sum()) for outcome in outcomes))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def accuracy(counts: Confusion) -> float:
    """Share of cases called rightly; high for free where events are rare."""
    return _ratio(counts.true_positive + counts.true_negative, counts.n_obs)


def precision(counts: Confusion) -> float:
    """Share of alarms that were events; NaN without an alarm."""
    return _ratio(counts.true_positive, counts.true_positive + counts.false_positive)


def recall(counts: Confusion) -> float:
    """Share of events that were announced; NaN without an event."""
    return _ratio(counts.true_positive, counts.true_positive + counts.false_negative)


def f1(counts: Confusion) -> float:
    """Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); NaN without an alarm and an event."""
    missed = counts.false_positive + counts.false_negative
    return _ratio(2 * counts.true_positive, 2 * counts.true_positive + missed)


def _known(
    event: FloatArray | BoolArray, probability: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Outcomes and probabilities of the pairs without a NaN, and which pairs these are [n]."""
    happened = np.asarray(event, dtype=np.float64)
    chance = np.asarray(probability, dtype=np.float64)
    known = np.isfinite(happened) & np.isfinite(chance)
    return happened[known], chance[known], known


def log_loss(
    event: FloatArray | BoolArray,
    probability: FloatArray,
    *,
    floor: float = 1e-12,
    weight: npt.ArrayLike | None = None,
) -> float:
    """Mean of minus the log of the probability given to what happened, natural logarithm.

    Parameters
    ----------
    event : array [n]
        1 or True where it happened.
    probability : FloatArray [n]
        Of the event.
    floor : float
        Probabilities are kept within [floor, 1 − floor], so that one certain error is a large but finite
        loss (27.6 at the default).
    weight : array_like [n], optional
        Of each case in the mean.

    Returns
    -------
    float
        The mean over pairs without a NaN; NaN if there is none, or none with a weight.

    Examples
    --------
    >>> round(log_loss(np.array([1.0, 0.0]), np.array([0.5, 0.5])), 6)
    0.693147
    """
    happened, chance, known = _known(event, probability)
    weights = None if weight is None else observation_weights(weight, known.size)[known]
    if not happened.size or (weights is not None and not weights.any()):
        return float("nan")
    kept = np.clip(chance, floor, 1.0 - floor)
    return float(-np.average(happened * np.log(kept) + (1.0 - happened) * np.log1p(-kept), weights=weights))


def brier(
    event: FloatArray | BoolArray, probability: FloatArray, *, weight: npt.ArrayLike | None = None
) -> float:
    """Mean squared difference of probability and outcome (0 or 1), over pairs without a NaN; NaN if none.

    Parameters
    ----------
    event, probability : array [n]
    weight : array_like [n], optional
        Of each case in the mean.

    References
    ----------
    Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78.
    """
    happened, chance, known = _known(event, probability)
    if weight is None:
        return float(np.mean((chance - happened) ** 2)) if happened.size else float("nan")
    weights = observation_weights(weight, known.size)[known]
    return float(np.average((chance - happened) ** 2, weights=weights)) if weights.any() else float("nan")
