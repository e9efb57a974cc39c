"""The back-test of a banking book: its one-period VaR as it would have been, and what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.curve_forecast import CurveHistory
from barograph.engines.forecasting.books.cash_flows import OnCurve, quoted_values
from barograph.engines.forecasting.books.figures import ALPHAS_SHOWN
from barograph.measures import curves, portfolio
from barograph.measures.portfolio import JointHistory


def rehearsed(parts: Sequence[OnCurve]) -> portfolio.Rehearsal | None:
    """Past forecasts of the quoted yields on today's basis-point values; None where there is no such past.

    The book is today's on all days, and linear in the yields: a loss then counts like a loss today. Carry is
    left out on both sides. Scenarios of a day are its forecast mean and deviation with the standardised
    errors of earlier days, whole curves at a time.
    """
    known = [part.curve.history for part in parts if part.curve.history is not None]
    if len(known) < len(parts):
        return None
    history = _together(known)
    if history.n <= portfolio.FIRST_DAYS:
        return None
    values = np.concatenate([part.exchange * quoted_values(part.flows, part.curve) for part in parts])
    return portfolio.rehearse(-values / curves.BASIS_POINT, history, alphas=ALPHAS_SHOWN)


def _together(parts: list[CurveHistory]) -> JointHistory:
    """The days on which every tenor of every curve was forecast and came."""
    common = reduce(np.intersect1d, [part.time for part in parts])
    rows = [np.searchsorted(part.time, common) for part in parts]

    def beside(name: str) -> FloatArray:
        return np.concatenate([getattr(part, name)[at] for part, at in zip(parts, rows, strict=True)], axis=1)

    known_at = reduce(np.maximum, [part.known_at[at] for part, at in zip(parts, rows, strict=True)])
    history = JointHistory(
        common, known_at, beside("change"), beside("deviation"), 0, drift=beside("mean"), simple=True
    )
    complete = np.isfinite(history.residuals).all(axis=1) & ~np.isnat(known_at)
    return replace(
        history,
        time=common[complete],
        known_at=known_at[complete],
        returns=history.returns[complete],
        sigma=history.sigma[complete],
        drift=beside("mean")[complete],
        left_out=int((~complete).sum()),
    )
