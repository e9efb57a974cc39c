"""Figures of a yes-or-no forecast: counts of alarms, and scores of probabilities.

A ratio whose denominator is zero is undefined and NaN: precision without an alarm, recall without an event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of the four outcomes of an alarm: right or wrong, raised or not."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    @property
    def n_obs(self) -> int:
        """All cases."""
        return self.true_positive + self.false_positive + self.false_negative + self.true_negative


def confusion(event: BoolArray, alarm: BoolArray) -> Confusion:
    """Counts over cases: did it happen, and was it announced.

    Examples
    --------
    >>> confusion(np.array([True, True, False]), np.array([True, False, False]))
    Confusion(true_positive=1, false_positive=0, false_negative=1, true_negative=1)
    """
    happened, raised = np.asarray(event, dtype=bool), np.asarray(alarm, dtype=bool)
    return Confusion(
        true_positive=int(np.sum(happened & raised)),
        false_positive=int(np.sum(~happened & raised)),
        false_negative=int(np.sum(happened & ~raised)),
        true_negative=int(np.sum(~happened & ~raised)),
    )


def _ratio(part: int, whole: int) -> float:
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


def _known(event: FloatArray | BoolArray, probability: FloatArray) -> tuple[FloatArray, FloatArray]:
    happened = np.asarray(event, dtype=np.float64)
    chance = np.asarray(probability, dtype=np.float64)
    known = np.isfinite(happened) & np.isfinite(chance)
    return happened[known], chance[known]


def log_loss(event: FloatArray | BoolArray, probability: FloatArray, *, floor: float = 1e-12) -> float:
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

    Returns
    -------
    float
        The mean over pairs without a NaN; NaN if there is none.

    Examples
    --------
    >>> round(log_loss(np.array([1.0, 0.0]), np.array([0.5, 0.5])), 6)
    0.693147
    """
    happened, chance = _known(event, probability)
    if not happened.size:
        return float("nan")
    kept = np.clip(chance, floor, 1.0 - floor)
    return float(-np.mean(happened * np.log(kept) + (1.0 - happened) * np.log1p(-kept)))


def brier(event: FloatArray | BoolArray, probability: FloatArray) -> float:
    """Mean squared difference of probability and outcome (0 or 1), over pairs without a NaN; NaN if none.

    References
    ----------
    Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78.
    """
    happened, chance = _known(event, probability)
    return float(np.mean((chance - happened) ** 2)) if happened.size else float("nan")
