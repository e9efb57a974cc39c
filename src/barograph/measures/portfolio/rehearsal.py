"""The back-test of a book: its VaR as it would have been forecast each day, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import DateArray, FloatArray
from barograph.core.results import TestResult
from barograph.measures.backtests import (
    conditional_coverage,
    exceptions,
    kupiec,
    traffic_light,
    transitions,
)
from barograph.measures.portfolio.figures import value_at_risk
from barograph.measures.portfolio.history import JointHistory

FIRST_DAYS = 500
"""Common days that only feed the simulation: the first VaR tested rests on so many residuals."""

LIGHT_DAYS = 250
"""The supervisor's year of the traffic light."""


@dataclass(frozen=True, slots=True, eq=False)
class Rehearsal:
    """A constant book's VaR forecasts out of sample and its profits; currency units."""

    time: DateArray  # [n] origins
    alphas: tuple[float, ...]
    profits: FloatArray  # [n] of the day after the origin
    value_at_risk: FloatArray  # [n, n_alphas] forecast at the origin


@dataclass(frozen=True, slots=True)
class BookTest:
    """The regulators' tests of one VaR series."""

    alpha: float
    days: int
    exceptions: int
    kupiec: TestResult
    conditional_coverage: TestResult
    light: TestResult  # on the last 250 days; NaN with a note where there are fewer


def rehearse(
    values: FloatArray, history: JointHistory, *, alphas: Sequence[float], first: int = FIRST_DAYS
) -> Rehearsal:
    """Forecast the VaR of today's book on each past day from what was known on that day.

    On origin t the scenarios are ``z_u * sigma_t`` for every earlier day u whose return was known at the end
    of day t, and ``sigma_t`` is the forecast made on that day. The book is the same on all days: values, not
    numbers of shares, are held constant, so that a loss then counts like a loss today.

    Parameters
    ----------
    values : array [k]
        Market values.
    history : JointHistory
    alphas : sequence of float
        Tail probabilities.
    first : int
        Common days at the beginning that are not tested.

    Returns
    -------
    Rehearsal
        Empty where the history is not longer than `first`.
    """
    rows = range(min(first, history.n), history.n)
    figures = np.empty((len(rows), len(alphas)))
    for place, origin in enumerate(rows):
        profits = history.simulated(origin, history.known_before(origin)) @ values
        figures[place] = [value_at_risk(profits, alpha) for alpha in alphas]
    tested = slice(rows.start, rows.stop)
    outcome = history.gains(history.returns[tested]) @ values
    return Rehearsal(history.time[tested], tuple(alphas), outcome, figures)


def book_tests(rehearsal: Rehearsal) -> list[BookTest]:
    """Kupiec, conditional coverage and the traffic light, per tail probability (see `measures.backtests`)."""
    return [_of_level(rehearsal, place) for place in range(len(rehearsal.alphas))]


def _of_level(rehearsal: Rehearsal, place: int) -> BookTest:
    alpha = rehearsal.alphas[place]
    hits = exceptions(rehearsal.profits, rehearsal.value_at_risk[:, place])
    n_obs, number = int(hits.shape[0]), int(hits.sum())
    return BookTest(
        alpha=alpha,
        days=n_obs,
        exceptions=number,
        kupiec=kupiec(number, n_obs, alpha=alpha),
        conditional_coverage=conditional_coverage(transitions(hits), number, n_obs=n_obs, alpha=alpha),
        light=_light(int(hits[-LIGHT_DAYS:].sum()), n_obs, alpha),
    )


def _light(number: int, n_obs: int, alpha: float) -> TestResult:
    if n_obs < LIGHT_DAYS:
        reason = f"fewer than {LIGHT_DAYS} days"
        return TestResult("traffic_light", float("nan"), float("nan"), n_obs, reason)
    return traffic_light(number, LIGHT_DAYS, alpha=alpha).result()
