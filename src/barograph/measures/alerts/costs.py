"""What alerts cost and save, in money, under a stated cost matrix.

An event is alerted from a threshold upwards. Amounts and costs are in one currency. A sampled event counts
as many times as its weight says.

===========  ==============================================  ==================
event        alerted                                         not alerted
===========  ==============================================  ==================
fraud        review + (1 − recovered) · amount               amount
legitimate   review + friction                               0
===========  ==============================================  ==================

References
----------
Elkan (2001), The foundations of cost-sensitive learning, IJCAI; costs that depend on the amount after
Bahnsen, Stojanovic, Aouada and Ottersten (2013), Cost sensitive credit card fraud detection using Bayes
minimum risk, ICMLA.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.errors import DataError, SettingError
from barograph.measures.classification import observation_weights
from barograph.measures.credit.checks import complete, defaulted


@dataclass(frozen=True, slots=True)
class Costs:
    """The cost matrix."""

    review: float  # money per alert
    recovered: float = 1.0  # share of a fraud's amount that an alert saves
    friction: float = 0.0  # money per false alarm, for the customer who was right

    def __post_init__(self) -> None:
        if not (0.0 <= self.review < np.inf and 0.0 <= self.friction < np.inf):
            raise SettingError(
                "costs of a review and of a false alarm must be at least 0",
                came=f"got {self.review:g} and {self.friction:g}",
                do="Pass money per alert",
            )
        if not 0.0 <= self.recovered <= 1.0:
            raise SettingError(
                "the share recovered must lie between 0 and 1",
                came=f"got {self.recovered:g}",
                do="Pass 0.8 for four fifths of the amount",
            )


@dataclass(frozen=True, slots=True)
class MoneySaved:
    """Cost of a threshold beside that of no system and of alerting everything."""

    cost: float
    without: float  # every fraud missed
    everything: float  # every event alerted

    @property
    def saved(self) -> float:
        """Against no system; negative where the alerts cost more than they save."""
        return self.without - self.cost

    @property
    def saved_against_everything(self) -> float:
        """Against alerting everything."""
        return self.everything - self.cost


@dataclass(frozen=True, slots=True, eq=False)
class CostCurve:
    """Cost of every threshold that makes a difference."""

    threshold: FloatArray  # [m] descending, from infinity (no alert) to the lowest score
    alerts: FloatArray  # [m] events alerted, by weight
    cost: FloatArray  # [m] money

    @property
    def best(self) -> float:
        """Threshold of least cost; of several the highest, which alerts least."""
        return float(self.threshold[int(np.argmin(self.cost))])


def _amounts(label: npt.ArrayLike, amount: npt.ArrayLike) -> tuple[BoolArray, FloatArray]:
    fraud = defaulted(label)
    money = complete("amount", amount, fraud.size)
    if money.size and money.min() < 0.0:
        raise DataError(
            "amount must be at least 0",
            came=f"{int(np.sum(money < 0.0))} of {money.size} are negative",
            do="Leave refunds out, or pass what a fraud would cost",
        )
    return fraud, money


def event_costs(
    label: npt.ArrayLike, amount: npt.ArrayLike, alert: npt.ArrayLike, costs: Costs
) -> FloatArray:
    """Cost of each event by the matrix above.

    Parameters
    ----------
    label, amount, alert : array_like [n]
        Fraud or not (1, 0), money, alerted or not.
    costs : Costs

    Returns
    -------
    FloatArray [n]
        Money; the difference of two rules' sums by day, through `daily_ratio`, is what a bootstrap compares.

    Examples
    --------
    >>> event_costs([1, 1, 0, 0], [100, 100, 9, 9], [True, False, True, False], Costs(2, 0.75, 1)).tolist()
    [27.0, 100.0, 3.0, 0.0]
    """
    fraud, money = _amounts(label, amount)
    alerted = costs.review + np.where(fraud, (1.0 - costs.recovered) * money, costs.friction)
    return np.where(np.asarray(alert, dtype=bool), alerted, np.where(fraud, money, 0.0))


def money_saved(
    label: npt.ArrayLike,
    score: npt.ArrayLike,
    amount: npt.ArrayLike,
    *,
    threshold: float,
    costs: Costs,
    weight: npt.ArrayLike | None = None,
) -> MoneySaved:
    """What alerts from a threshold upwards cost, beside no system and beside alerting everything.

    Parameters
    ----------
    label, score, amount : array_like [n]
    threshold : float
        Chosen elsewhere, such as `cost_curve(...).best` on a calibration sample; infinite for no alert.
    costs : Costs
    weight : array_like [n], optional
        How many events each stands for.
    """
    risk = np.asarray(score, dtype=np.float64)
    weights = observation_weights(weight, risk.size)
    alert = complete("score", risk, np.size(label)) >= threshold
    rules = (alert, np.zeros(risk.size, dtype=bool), np.ones(risk.size, dtype=bool))
    return MoneySaved(*(float(weights @ event_costs(label, amount, rule, costs)) for rule in rules))


def cost_curve(
    label: npt.ArrayLike,
    score: npt.ArrayLike,
    amount: npt.ArrayLike,
    *,
    costs: Costs,
    weight: npt.ArrayLike | None = None,
) -> CostCurve:
    """Cost of each threshold: none alerted, then from each distinct score upwards.

    Parameters
    ----------
    label, score, amount : array_like [n]
    costs : Costs
    weight : array_like [n], optional
        How many events each stands for.

    Returns
    -------
    CostCurve
        One point more than distinct scores.
    """
    fraud, money = _amounts(label, amount)
    risk = complete("score", score, fraud.size)
    weights = observation_weights(weight, fraud.size)
    quiet, loud = np.zeros(fraud.size, dtype=bool), np.ones(fraud.size, dtype=bool)
    without = weights * event_costs(fraud, money, quiet, costs)
    change = weights * event_costs(fraud, money, loud, costs) - without
    negative, place = np.unique(-risk, return_inverse=True)
    per_score = np.bincount(place, weights=change, minlength=negative.size)
    return CostCurve(
        threshold=np.append(np.inf, -negative),
        alerts=np.append(0.0, np.cumsum(np.bincount(place, weights=weights, minlength=negative.size))),
        cost=without.sum() + np.append(0.0, np.cumsum(per_score)),
    )
