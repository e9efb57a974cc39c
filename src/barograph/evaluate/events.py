"""Tomorrow's squared return above its training quantile: the yes-or-no figures people look for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.forecast import LEVELS, OutOfSample
from barograph.core.study import Study
from barograph.measures.classification import (
    accuracy,
    brier,
    confusion,
    f1,
    log_loss,
    precision,
    recall,
)

ALARM_MULTIPLE: Final = 2.0
"""An alarm is raised where the event is at least this many times as likely as its base rate: with the default
event, the top tenth of training days, from a probability of 0.2 upwards."""

EVENT_METRICS: Final = ("log_loss", "brier", "accuracy", "precision", "recall", "f1")
"""Names of the event scores, in the order of the table; `log_loss` is the loss."""


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """What was said of tomorrow, and what came; rows whose outcome is unknown have `happened` NaN."""

    happened: FloatArray  # [n] 1, 0 or NaN
    probability: FloatArray  # [n]
    alarm: float  # probability from which an alarm is raised

    def take(self, rows: slice | BoolArray) -> Events:
        """The events of some rows."""
        return Events(self.happened[rows], self.probability[rows], self.alarm)


def probability_below(values: FloatArray, quantiles: FloatArray) -> FloatArray:
    r"""Probability of a return below a value, from a grid of quantiles at `LEVELS`.

    Linear between neighbouring quantiles. Beyond the outermost ones the tail falls exponentially, through the
    two outermost quantiles: :math:`\tau_1 (\tau_1/\tau_2)^{(q_1 - x)/(q_2 - q_1)}` for :math:`x < q_1`, and
    alike above.

    Parameters
    ----------
    values : FloatArray [n]
        Returns.
    quantiles : FloatArray [n, len(LEVELS)]
        Ascending along the last axis.

    Returns
    -------
    FloatArray [n]
        In (0, 1); NaN where an input is NaN.
    """
    tau = np.asarray(LEVELS)
    below = (quantiles <= values[:, None]).sum(axis=1)
    right = np.clip(below, 1, tau.size - 1)
    rows = np.arange(values.size)
    start, stop = quantiles[rows, right - 1], quantiles[rows, right]
    share = _share(values - start, stop - start)
    inside = tau[right - 1] + (tau[right] - tau[right - 1]) * np.clip(share, 0.0, 1.0)
    lower = tau[0] * (tau[0] / tau[1]) ** np.maximum(-share, 0.0)
    upper = 1.0 - (1.0 - tau[-1]) * ((1.0 - tau[-1]) / (1.0 - tau[-2])) ** np.maximum(share - 1.0, 0.0)
    found = np.where(below == 0, lower, np.where(below == tau.size, upper, inside))
    unusable = np.isnan(values) | np.isnan(quantiles).any(axis=1)
    return np.asarray(np.where(unusable, np.nan, found))


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """part / whole, with the signed infinity (or 0) of the limit where two quantiles coincide."""
    limit = np.where(part == 0.0, 0.0, np.copysign(np.inf, part))
    return np.divide(part, whole, out=limit, where=whole > 0.0)


def event_probability(quantiles: FloatArray, threshold: FloatArray) -> FloatArray:
    r"""P(r < −√c) + P(r > √c) of a return whose quantiles at `LEVELS` are given.

    Parameters
    ----------
    quantiles : FloatArray [n, len(LEVELS)]
        Of tomorrow's return.
    threshold : FloatArray [n]
        c, the squared return from which a day is an event.
    """
    size = np.sqrt(threshold)
    return np.asarray(probability_below(-size, quantiles) + 1.0 - probability_below(size, quantiles))


def events(out: OutOfSample, study: Study, model: str) -> Events:
    """What a candidate said of the event on every scored row; needs a horizon of one day."""
    column = out.samples.horizons.index(1)
    came = out.samples.target_return[out.rows, column]
    known = np.isfinite(came) & np.isfinite(out.event_threshold)
    happened = np.where(known, came**2 > out.event_threshold, np.nan)
    probability = event_probability(out.distributions[model].quantiles[:, column], out.event_threshold)
    base_rate = 1.0 - study.evaluate.event_quantile
    return Events(happened, probability, round(ALARM_MULTIPLE * base_rate, 12))


def event_scores(events: Events) -> dict[str, float]:
    """Scores by name (see `EVENT_METRICS`) over rows whose outcome is known; NaN where undefined."""
    known = np.isfinite(events.happened)
    happened, probability = events.happened[known], events.probability[known]
    counts = confusion(happened == 1.0, probability >= events.alarm)
    return {
        "log_loss": log_loss(happened, probability),
        "brier": brier(happened, probability),
        "accuracy": accuracy(counts),
        "precision": precision(counts),
        "recall": recall(counts),
        "f1": f1(counts),
    }
