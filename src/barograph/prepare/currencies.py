"""What a panel of currency rates says beyond each rate alone: the common factor, and which rates are held.

Rates are units per one unit of a common base. What all of them do is the base's own move; the anchor's
distance to the others (the dollar, where the anchor is the dollar) is the factor that most pairs share
(Lustig, Roussanov and Verdelhan 2011, "Common risk factors in currency markets", there from portfolios).

A rate is *held* where an authority keeps it: by a peg, a floor or a narrow band. Two signs count, both known
at the origin: it was announced, or the rate has hardly moved, against the base or against the anchor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, DateArray, FloatArray
from barograph.core.study import PrepareSection
from barograph.measures.features import rolling_means
from barograph.prepare.columns import HAS_RANGE, INDICATOR_OF
from barograph.prepare.own import LOOKBACK, MONTH, REFERENCE_WINDOW, log_level
from barograph.prepare.series import VARIANCE_FLOOR, Series

HELD_WINDOWS = (MONTH, REFERENCE_WINDOW)
"""Days over which a rate that is held hardly moves: either suffices."""

RANGE_LEVELS = ("log_proxy_5", "log_proxy_22", "log_proxy_66")
"""Levels that only ranges make different from those of the squared return."""


def without_ranges(features: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The columns of a rate that say something where there are no ranges."""
    only_ranges = (
        HAS_RANGE,
        *(name for name, sign in INDICATOR_OF.items() if sign == HAS_RANGE),
        *RANGE_LEVELS,
    )
    return {name: column for name, column in features.items() if name not in only_ranges}


@dataclass(frozen=True, slots=True, eq=False)
class CurrencyState:
    """What the panel says of one rate at each of its days."""

    features: dict[str, FloatArray]
    held: BoolArray  # [n]


def currency_states(series: Sequence[Series], section: PrepareSection) -> list[CurrencyState]:
    """The state of every rate, each row from days at or before its own.

    Features: log mean squares of the factor over 5, 22 and 66 days; the rate's beta to it, and the share of
    the rate's variance that the factor explains, over 250 days; whether the rate is held against the base,
    and whether against the anchor. Means are taken about zero.

    A day on which the anchor has no rate counts as a day without a move of the factor. Without an anchor in
    the panel the factor is the mean move of all rates.
    """
    calendar = np.unique(np.concatenate([one.time for one in series]))
    moves = np.stack([_on(calendar, one.time, one.returns) for one in series], axis=1)
    number = next((i for i, one in enumerate(series) if one.entity.lower() == section.anchor.lower()), None)
    common = factor(moves, number)
    anchor = None if number is None else moves[:, number]
    states = []
    for i, one in enumerate(series):
        at = np.searchsorted(calendar, one.time)
        cross = None if anchor is None or i == number else np.nan_to_num(anchor[at])
        states.append(_state(one, common[at], cross, section))
    return states


def factor(moves: FloatArray, anchor: int | None) -> FloatArray:
    """The common factor of each day: the anchor's move less the mean move of the others.

    Parameters
    ----------
    moves : array [n_days, n_series]
        Log returns, NaN where a series has none.
    anchor : int, optional
        Column of the anchor; without it the factor is the mean move of all.

    Returns
    -------
    array [n_days]
        0 where the anchor, or every other series, has no move.

    Examples
    --------
    >>> factor(np.array([[0.02, 0.01, np.nan], [np.nan, 0.01, 0.0]]), 0).tolist()
    [0.01, 0.0]
    """
    total, count = np.zeros(moves.shape[0]), np.zeros(moves.shape[0])
    for column in range(moves.shape[1]):  # one by one: the order of a sum decides its last bit
        if column != anchor:
            known = np.isfinite(moves[:, column])
            total += np.where(known, moves[:, column], 0.0)
            count += known
    mean = total / np.maximum(count, 1)
    if anchor is None:
        return np.asarray(mean)
    return np.where((count > 0) & np.isfinite(moves[:, anchor]), moves[:, anchor] - mean, 0.0)


def _state(
    one: Series, common: FloatArray, cross: FloatArray | None, section: PrepareSection
) -> CurrencyState:
    squares = rolling_means(common**2, (5, MONTH, REFERENCE_WINDOW, LOOKBACK))
    own = rolling_means(one.returns**2, (LOOKBACK,))[LOOKBACK]
    both = rolling_means(one.returns * common, (LOOKBACK,))[LOOKBACK]
    whole = np.maximum(squares[LOOKBACK], VARIANCE_FLOOR)
    reference = squares[REFERENCE_WINDOW]
    base = hardly_moves(one.returns, section.held_below) | announced(one, section)
    pegged = np.zeros(one.time.shape[0], dtype=np.bool_)
    if cross is not None:
        pegged = hardly_moves(one.returns - cross, section.held_below)
    features = {
        **{f"log_factor_{n}": log_level(squares[n], reference, n) for n in (5, MONTH, REFERENCE_WINDOW)},
        "factor_beta": both / whole,
        "factor_share": np.minimum(both**2 / (whole * np.maximum(own, VARIANCE_FLOOR)), 1.0),
        "held": base.astype(np.float64),
        "held_to_anchor": pegged.astype(np.float64),
    }
    return CurrencyState(features, base | pegged)


def hardly_moves(returns: FloatArray, limit: float) -> BoolArray:
    """Whether the mean absolute return of one of `HELD_WINDOWS` lies below a limit, [n]; no where unknown."""
    means = rolling_means(np.abs(returns), HELD_WINDOWS)
    return np.asarray(
        np.logical_or.reduce([np.nan_to_num(mean, nan=np.inf) < limit for mean in means.values()])
    )


def announced(one: Series, section: PrepareSection) -> BoolArray:
    """Whether a day lies in an announced regime of the rate, first and last day included, [n]."""
    inside = np.zeros(one.time.shape[0], dtype=np.bool_)
    for first, last in section.announced.get(one.entity, ()):
        until = one.time <= np.datetime64(last, "D") if last else True
        inside |= (one.time >= np.datetime64(first, "D")) & until
    return inside


def _on(calendar: DateArray, time: DateArray, values: FloatArray) -> FloatArray:
    """Values on the calendar's days, NaN on days that are not the entity's own."""
    placed = np.full(calendar.shape[0], np.nan)
    placed[np.searchsorted(calendar, time)] = values
    return placed
