"""Parts that arrive as nearly all do, judged at once: every event new, in order of time and payable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from barograph.core.arrays import IntArray
from barograph.core.fitted_events import CENTS
from barograph.prepare.events.intake import LiveState
from barograph.prepare.events.messages import Event

FEWEST = 8
"""Events below which judging one after the other is faster."""


class Orderly(NamedTuple):
    """The columns of such a part."""

    ids: tuple[str, ...]
    times: tuple[int, ...]
    actors: tuple[str, ...]
    counterparties: tuple[str, ...]
    numbers: IntArray  # [n, 3] newest time before the event, its time, its cents


def orderly(events: Sequence[Event], state: LiveState, limit: float) -> Orderly | None:
    """The columns of a part that `LiveState.judge` would find new throughout; None if any event is not.

    Parameters
    ----------
    events : sequence of Event
    state : LiveState
        Stays as it is.
    limit : float
        Largest amount, in cents.
    """
    if len(events) < FEWEST:
        return None
    ids, times, actors, counterparties, amounts = zip(*events, strict=True)
    distinct = set(ids)
    if len(distinct) < len(ids) or not state.ledger.ids.keys().isdisjoint(distinct):
        return None
    moments, scaled = np.array((state.watermark, *times)), np.array(amounts)
    if moments.dtype != np.int64 or scaled.dtype != np.float64:
        return None
    with np.errstate(over="ignore"):  # infinite is beyond the limit too
        scaled *= CENTS
    ordered = bool((moments[1:] >= moments[:-1]).all()) and times[-1] < state.latest
    if not ordered or not bool((np.abs(scaled) <= limit).all()):
        return None
    numbers = np.empty((len(ids), 3), dtype=np.int64)
    numbers[:, 0], numbers[:, 1] = moments[:-1], moments[1:]
    numbers[:, 2] = np.rint(scaled)
    return Orderly(ids, times, actors, counterparties, numbers)
