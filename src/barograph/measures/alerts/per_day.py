"""Precision of the k cards or transactions that reviewers look at each day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.measures.alerts.top import chance_inside
from barograph.measures.classification import observation_weights
from barograph.measures.credit.checks import blocks_of, codes_of, complete, defaulted


@dataclass(frozen=True, slots=True, eq=False)
class DailyPrecision:
    """What the k riskiest of each day hold."""

    day: AnyArray  # [n_days] ascending
    precision: FloatArray  # [n_days] expected frauds among the k, over k
    fraudulent: FloatArray  # [n_days] frauds (cards, or weight of transactions) that could be found

    @property
    def mean(self) -> float:
        """Over days, each alike; NaN where no day holds a fraud."""
        return float(self.precision.mean()) if self.fraudulent.any() else float("nan")


def transaction_precision_at(
    label: npt.ArrayLike,
    score: npt.ArrayLike,
    day: AnyArray,
    *,
    k: float,
    weight: npt.ArrayLike | None = None,
) -> DailyPrecision:
    """Share of frauds among each day's k riskiest transactions.

    A day with fewer than k transactions is still divided by k: the places left empty find nothing. Equal
    scores at the end of the k count by their chance to be inside.

    Parameters
    ----------
    label, score : array_like [n]
    day : array [n]
        Day, or another unit of time, of each transaction; days without any do not count.
    k : float
        Alerts per day, at least 1; not whole where a day's number is spread over shorter units.
    weight : array_like [n], optional
        How many transactions each stands for; the k are then a sum of weights.

    Returns
    -------
    DailyPrecision
    """
    fraud = defaulted(label)
    weights = observation_weights(weight, fraud.size)
    found, held = _each_day(complete("score", score, fraud.size), fraud, weights, day, k)
    return DailyPrecision(np.unique(day), found / k, held)


def card_precision_at(
    label: npt.ArrayLike,
    score: npt.ArrayLike,
    card: AnyArray,
    day: AnyArray,
    *,
    k: int,
    remove_detected: bool = True,
) -> DailyPrecision:
    """Share of cards with a fraud on the day among each day's k riskiest cards.

    A card's score on a day is the highest of its transactions, and it is fraudulent if any of them is. As
    in the source, a card found out among the k is blocked and so left out on later days, and a day with
    fewer than k cards is still divided by k. Equal scores at the end of the k count by their chance to be
    inside (the source takes them in the order of its sort); a card in such a tie is taken as found out from
    a chance of one half.

    Parameters
    ----------
    label, score : array_like [n]
        Of each transaction.
    card, day : array [n]
    k : int
        Cards reviewed per day, at least 1.
    remove_detected : bool
        Whether cards found out are left out on later days.

    Returns
    -------
    DailyPrecision

    References
    ----------
    Le Borgne, Siblini, Lebichot and Bontempi (2022), Reproducible Machine Learning for Credit Card Fraud
    Detection, chapter 4.
    """
    fraud = defaulted(label)
    rows = _cards_by_day(fraud, complete("score", score, fraud.size), card, day)
    score_of, fraud_of, card_of, day_of = rows
    weights = np.ones(score_of.size)
    found, held = _each_day(score_of, fraud_of, weights, day_of, k, card_of if remove_detected else None)
    return DailyPrecision(np.unique(day), found / k, held)


def _cards_by_day(
    fraud: BoolArray, score: FloatArray, card: AnyArray, day: AnyArray
) -> tuple[FloatArray, BoolArray, IntArray, IntArray]:
    """Highest score, whether any is fraud, number of the card and of the day, of each card and day."""
    cards, days = codes_of(card, fraud.size), codes_of(day, fraud.size)
    n_cards = int(cards.max(initial=0)) + 1
    order = np.argsort(days * n_cards + cards, kind="stable")
    pair = (days * n_cards + cards)[order]
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    if not first.size:
        return score, fraud, cards, days
    highest = np.maximum.reduceat(score[order], first)
    return highest, np.logical_or.reduceat(fraud[order], first), pair[first] % n_cards, pair[first] // n_cards


def _each_day(
    score: FloatArray,
    fraud: BoolArray,
    weights: FloatArray,
    day: AnyArray,
    k: float,
    blocked_once_found: IntArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Expected frauds among the k riskiest and frauds at hand, of each day [n_days]."""
    if k < 1:
        raise DataError("k must be at least 1", came=f"got {k}", do="Pass the alerts reviewed per day")
    cards = np.zeros(score.size, dtype=np.int64) if blocked_once_found is None else blocked_once_found
    blocked = np.zeros(int(cards.max(initial=0)) + 1, dtype=bool)
    found, held = [], []
    for rows in blocks_of(day, score.size):
        left = rows[~blocked[cards[rows]]]
        of_fraud = weights[left] * fraud[left]
        inside = chance_inside(score[left], weights[left], float(k))
        found.append(float(of_fraud @ inside))
        held.append(float(of_fraud.sum()))
        if blocked_once_found is not None:
            blocked[cards[left[fraud[left] & (inside >= 0.5)]]] = True
    return np.array(found), np.array(held)
