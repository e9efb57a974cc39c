"""What a number of reviews per day buys: thresholds of alert budgets, and what they catch and save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray, FloatArray
from barograph.measures.alerts.costs import Costs, money_saved
from barograph.measures.classification import confusion, observation_weights, precision, recall
from barograph.measures.credit.checks import codes_of, complete, defaulted


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One alert budget, as its threshold fares on a sample."""

    budget: float  # alerts that can be reviewed per day
    threshold: float
    alerts_per_day: float  # raised, mean over days
    busiest_day: float  # most alerts raised on one day, or in another unit of time that was given
    precision: float  # NaN without an alert
    recall: float  # NaN without a fraud
    saved_per_day: float  # money against no system, mean over days


def budget_thresholds(
    score: npt.ArrayLike,
    budgets: Sequence[float],
    *,
    n_days: float,
    weight: npt.ArrayLike | None = None,
) -> FloatArray:
    """Lowest threshold for each budget at which a sample raises no more alerts per day, on average.

    Equal scores are alerted together or not at all, so that ties at the end of a budget stay out.

    Parameters
    ----------
    score : array_like [n]
        Of the calibration sample.
    budgets : sequence of float [m]
        Alerts per day.
    n_days : float
        Days that the sample covers, those without events included.
    weight : array_like [n], optional
        How many events each stands for.

    Returns
    -------
    FloatArray [m]
        Infinite where even the highest score is raised too often.

    Examples
    --------
    >>> budget_thresholds([0.9, 0.7, 0.7, 0.2], [0.5, 1, 1.5], n_days=2).tolist()
    [0.9, 0.9, 0.7]
    """
    risk = complete("score", score)
    negative, place = np.unique(-risk, return_inverse=True)
    weights = observation_weights(weight, risk.size)
    raised = np.cumsum(np.bincount(place, weights=weights, minlength=negative.size))
    allowed = np.asarray(budgets, dtype=np.float64) * n_days * (1.0 + 1e-12)  # rounding of the weights' sums
    return np.append(np.inf, -negative)[np.searchsorted(raised, allowed, side="right")]


def budget_plan(
    label: npt.ArrayLike,
    score: npt.ArrayLike,
    amount: npt.ArrayLike,
    day: AnyArray,
    *,
    budgets: Sequence[float],
    thresholds: npt.ArrayLike,
    costs: Costs,
    weight: npt.ArrayLike | None = None,
    n_days: float | None = None,
) -> list[BudgetRow]:
    """Table of alert budgets: what each threshold, chosen on other data, raises, catches and saves.

    Parameters
    ----------
    label, score, amount : array_like [n]
        Of the sample on which the budgets are judged.
    day : array [n]
        Day, or another unit of time such as the hour, of each event.
    budgets, thresholds : [m]
        Alerts per day and the threshold of each, from `budget_thresholds` on a calibration sample.
    costs : Costs
    weight : array_like [n], optional
        How many events each stands for.
    n_days : float, optional
        Days that the sample covers, over which means are taken; default: the days that occur.

    Returns
    -------
    list of BudgetRow
    """
    fraud = defaulted(label)
    risk = complete("score", score, fraud.size)
    weights = observation_weights(weight, fraud.size)
    code = codes_of(day, fraud.size)
    covered = float(np.unique(code).size) if n_days is None else n_days
    rows = []
    for budget, threshold in zip(budgets, np.asarray(thresholds, dtype=np.float64).tolist(), strict=True):
        alert = risk >= threshold
        counts = confusion(fraud, alert, weight=weights)
        raised = np.bincount(code, weights=weights * alert)
        money = money_saved(fraud, risk, amount, threshold=threshold, costs=costs, weight=weights)
        rows.append(
            BudgetRow(
                budget=float(budget),
                threshold=threshold,
                alerts_per_day=float(raised.sum()) / covered if covered else float("nan"),
                busiest_day=float(raised.max()) if raised.size else float("nan"),
                precision=precision(counts),
                recall=recall(counts),
                saved_per_day=money.saved / covered if covered else float("nan"),
            )
        )
    return rows
