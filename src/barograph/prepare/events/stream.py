"""A table through the live state, event by event: what `replay` and `state_after` are measured against."""

from __future__ import annotations

import heapq

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.event_table import Events
from barograph.prepare.events.intake import LiveState
from barograph.prepare.events.messages import Event
from barograph.prepare.events.names import LATE, feature_names
from barograph.prepare.events.screen import known_labels, microseconds


def live_events(events: Events) -> list[Event]:
    """The rows of a table as they would arrive live."""
    names = [*events.counterparties.tolist(), ""]  # code -1 is the last one
    actors = events.actors.tolist()
    return [
        Event(str(event_id), time, actors[actor], names[other], amount)
        for event_id, time, actor, other, amount in zip(
            events.event_id.tolist(), microseconds(events.time).tolist(), events.actor.tolist(),
            events.counterparty.tolist(), events.amount.tolist(), strict=True,
        )
    ]  # fmt: skip


def stream(events: Events, state: LiveState) -> FloatArray:
    """Send every row through a live state, and every label once its event has arrived and it is known.

    Parameters
    ----------
    events : Events
        In order of arrival.
    state : EventState
        Moves on. Labels known after its last time are left for later.

    Returns
    -------
    array [n, F]
        Features as answered; NaN where a row was refused.
    """
    labels, known_at = known_labels(events)
    rows = np.full((events.n, len(feature_names(state.plan))), np.nan)
    waiting: list[tuple[int, str, float]] = []
    for row, event in enumerate(live_events(events)):
        status = state.judge(event)
        if status <= LATE:
            _tell(waiting, state, max(state.watermark, event.time))
        answer = state.update(event)
        if answer.row:
            rows[row] = answer.row
        if status <= LATE and np.isfinite(labels[row]):
            heapq.heappush(waiting, (int(known_at[row]), event.event_id, float(labels[row])))
    _tell(waiting, state, state.watermark)
    return rows


def _tell(waiting: list[tuple[int, str, float]], state: LiveState, now: int) -> None:
    """The labels known by now."""
    while waiting and waiting[0][0] <= now:
        known_at, event_id, label = heapq.heappop(waiting)
        state.learn(event_id, label, known_at)
