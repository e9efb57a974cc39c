"""Event features one at a time beside river: counts, sums and means of four windows, the same numbers.

Each actor's last hour, day, week and month before an event, exactly, with what is too old dropped. Ours gives
the time since the last event and the amount over the median as well, which river has no exact form of, and
sums whole cents. Before anything is timed, both must give the same counts, and sums to a millionth. River
does it with the aggregates that its pages show, twelve of them, and with the least that gives the same, four
rolling means per actor. Ours takes events alone, and compiled (the extra `[fast]`) in parts of 64 as well, as
the service does. Figures are of processor time, one core.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.compiled import has_compiler
from barograph.core.event_table import Events
from barograph.core.fitted_events import EventPlan
from barograph.prepare.events.intake import LiveState
from barograph.prepare.events.live import live_state
from barograph.prepare.events.messages import Event, Row
from barograph.prepare.events.names import feature_names, window_name
from barograph.prepare.events.screen import microseconds
from barograph.prepare.events.stream import live_events
from measuring import Figure, show
from measuring.cache import NoPeer
from measuring.made_up_events import table
from measuring.rounds import measured, yardstick
from measuring.workers import Worker, worker

PLAN = EventPlan(keys=("actor",), risk_windows=(), new_counterparty=False)
PART = 64
PLAIN, FAST, PARTS = "Barograph, plain Python", "Barograph [fast]", f"Barograph [fast], parts of {PART}"
RIVER, LEAN, YARDSTICK = "river", "river, the least", "yardstick"
PEERS = {RIVER: "documented", LEAN: "leanest"}
GOALS = {PLAIN: 10.0, PARTS: 25.0}
"""How many times faster than river as its pages show it."""


def apart(events: Events) -> Events:
    """The same events, no two at one instant: what comes at the same one counts in river, not in ours."""
    later = np.arange(events.n).astype("timedelta64[us]")
    return replace(events, time=events.time + later, label_time=events.label_time + later)


def alone(arrived: Sequence[Event], state: LiveState) -> list[Row]:
    """Rows of all events, one after the other."""
    update = state.update
    return [update(event).row for event in arrived]


def in_parts(arrived: Sequence[Event], state: LiveState) -> list[Row]:
    """The same, in parts."""
    parts = (arrived[at : at + PART] for at in range(0, len(arrived), PART))
    return [answer.row for part in parts for answer in state.update_many(part)]


Way = tuple[Callable[[Sequence[Event], LiveState], list[Row]], bool]
WAYS: dict[str, Way] = {PLAIN: (alone, False)}
"""Ways of ours that can be had here, and whether the state is compiled."""
if has_compiler():
    WAYS |= {FAST: (alone, True), PARTS: (in_parts, True)}


def ours(name: str, arrived: Sequence[Event]) -> tuple[float, list[Row]]:
    """Seconds of processor time for all events through a new state, and its rows."""
    work, compiled = WAYS[name]
    state = live_state(PLAN, compiled=compiled)
    start = time.process_time()
    rows = work(arrived, state)
    return time.process_time() - start, rows


def counts_and_sums(rows: Sequence[Sequence[float]]) -> FloatArray:
    """Of rows of ours, [events, windows, 2]."""
    names = feature_names(PLAN)
    wanted = [
        names.index(f"actor_{what}_{window_name(one)}") for one in PLAN.windows for what in ("count", "sum")
    ]
    return np.array(rows)[:, wanted].reshape(len(rows), len(PLAN.windows), 2)


def opened(stack: ExitStack, events: Events, right: FloatArray) -> tuple[Worker | None, list[str]]:
    """River, once it gave the numbers that we give; or why it is missing."""
    try:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="barograph-bench-")))
        given, told = folder / "events.npz", folder / "told.npy"
        np.savez(
            given,
            time=microseconds(events.time),
            actor=events.actor,
            amount=events.amount,
            windows=PLAN.windows,
        )
        peer = stack.enter_context(worker("pyod_river", "river_events.py", str(given), str(told)))
        away = 0.0
        for way in PEERS.values():
            peer.ask(way=way)
            theirs = np.load(told)
            away = max(away, float(np.abs(theirs[..., 1] - right[..., 1]).max()))
            if not np.array_equal(theirs[..., 0], right[..., 0]) or away > 1e-6 * right[..., 1].max():
                raise RuntimeError(f"river ({way}) gives other counts or sums, these by {away:g} at most")
    except NoPeer as error:
        return None, [f"river is not in the table: {error}."]
    return peer, [f"Counts are the same for all {events.n:,} events; sums differ by {away:.1e} at most."]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=100_000)
    given = parser.parse_args()
    events = apart(table(given.events))
    arrived = live_events(events)
    rows = [counts_and_sums(ours(name, arrived)[1]) for name in WAYS]
    if not all(np.array_equal(rows[0], other) for other in rows[1:]):
        raise RuntimeError("our own ways give different numbers")
    with ExitStack() as stack:
        peer, notes = opened(stack, events, rows[0])

        def once() -> dict[str, float]:
            found = {YARDSTICK: yardstick()} | {name: ours(name, arrived)[0] for name in WAYS}
            for name, way in PEERS.items() if peer is not None else ():
                found[name] = peer.ask(way=way)["seconds"]
            return found

        rounds = measured(once, YARDSTICK, given.rounds)
    peers = PEERS if peer is not None else {}
    figures = [
        Figure(name, given.events / rounds.middle(name), "events/s", digits=0) for name in (*WAYS, *peers)
    ]
    for other in peers:
        for name in WAYS:
            middle, low, high = rounds.ratio(other, name)
            goal = GOALS.get(name) if other == RIVER else None
            case = f"{name} against {other} ({low:.1f} to {high:.1f})"
            figures.append(Figure(case, middle, "times faster", goal, at_most=False, digits=1))
    if not has_compiler():
        notes.append("The compiled state was not measured: numba, the extra [fast], is not installed.")
    show(f"{given.events:,} events one at a time, four windows of an actor", figures, [rounds.note(), *notes])


if __name__ == "__main__":
    main()
