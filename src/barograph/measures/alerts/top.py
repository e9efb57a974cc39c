"""The riskiest events that a budget of alerts covers.

Labels are 0 and 1 (fraud), a higher score is riskier. Where equal scores straddle the end of the budget,
each of them is inside with the same chance, so that no figure depends on the order of the rows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.measures.classification import observation_weights
from barograph.measures.credit.checks import complete, defaulted


def chance_inside(score: FloatArray, weights: FloatArray, budget: float) -> FloatArray:
    """Chance of each event [n] to be among the riskiest whose weights add up to the budget.

    Examples
    --------
    >>> chance_inside(np.array([0.2, 0.9, 0.2]), np.ones(3), 2.0).tolist()
    [0.5, 1.0, 0.5]
    """
    _, place = np.unique(-score, return_inverse=True)
    tied = np.bincount(place, weights=weights)
    room = budget - (np.cumsum(tied) - tied)
    share = np.divide(room, tied, out=np.where(room > 0.0, 1.0, 0.0), where=tied > 0.0)
    return np.asarray(np.clip(share, 0.0, 1.0)[place])


def checked_rate(rate: float) -> float:
    """The rate, if it lies in (0, 1]."""
    if not 0.0 < rate <= 1.0:
        raise DataError(
            "a rate must lie above 0 and be at most 1",
            came=f"got {rate:g}",
            do="Pass 0.01 for one in a hundred",
        )
    return rate


def recall_at_alert_rate(
    label: npt.ArrayLike, score: npt.ArrayLike, *, rate: float = 0.01, weight: npt.ArrayLike | None = None
) -> float:
    """Share of the frauds among the given share of riskiest events.

    Equal scores at the end of the budget count by their chance to be inside.

    Parameters
    ----------
    label, score : array_like [n]
    rate : float
        Share of all events, by weight, that is alerted.
    weight : array_like [n], optional
        How many events each stands for.

    Returns
    -------
    float
        NaN without a fraud.

    Examples
    --------
    >>> recall_at_alert_rate([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1], rate=0.5)
    0.75
    """
    fraud = defaulted(label)
    weights = observation_weights(weight, fraud.size)
    of_fraud = weights * fraud
    if not of_fraud.any():
        return float("nan")
    budget = checked_rate(rate) * float(weights.sum())
    inside = chance_inside(complete("score", score, fraud.size), weights, budget)
    return float(of_fraud @ inside / of_fraud.sum())
