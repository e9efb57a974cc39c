"""Stressed VaR: today's book through the worst year of its history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from barograph.core.arrays import FloatArray
from barograph.measures.portfolio.figures import expected_shortfall, value_at_risk
from barograph.measures.portfolio.history import JointHistory

YEAR = 250
"""Days of a stress period."""


@dataclass(frozen=True, slots=True)
class Stressed:
    """VaR and ES of a book over the window of history that gives the largest VaR; currency units."""

    alpha: float
    value_at_risk: float
    expected_shortfall: float
    since: np.datetime64  # the first day of the window on which a return ended
    until: np.datetime64  # the last
    windows: int  # how many were searched


def stressed(values: FloatArray, history: JointHistory, *, alpha: float, window: int = YEAR) -> Stressed:
    """Historical simulation over every window of `window` common days; the one with the largest VaR counts.

    The returns are those that happened, not rescaled to the present volatility: the figure says what today's
    book would have been at risk of then. Windows are consecutive common days; the first of equals is taken.

    Source: Basel Committee (July 2009), Revisions to the Basel II market risk framework, paragraph
    718(Lxxvi)(i): a continuous twelve-month period of significant stress relevant to the portfolio. The
    history searched here is that of the bundle, so a stress older than it is not found.

    Parameters
    ----------
    values : array [k]
        Market values.
    history : JointHistory
        At least `window` days.
    alpha : float
        Tail probability.
    window : int
    """
    profits = history.gains(history.returns) @ values
    windows = sliding_window_view(profits, window)
    figures = value_at_risk(windows, alpha)
    worst = int(figures.argmax())
    return Stressed(
        alpha=alpha,
        value_at_risk=float(figures[worst]),
        expected_shortfall=float(expected_shortfall(windows[worst], alpha)),
        since=history.known_at[worst],
        until=history.known_at[worst + window - 1],
        windows=int(figures.shape[0]),
    )
