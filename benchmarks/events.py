"""Event features: a whole table at once beside polars' own rolling over one window, and one event at a time.

The table is made up: as dense as the handbook's transactions (5,000 actors, 10,000 counterparties, half a
year for 1.75 million rows), labels known after seven days. Figures are of CPU time, one core.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import polars as pl

from barograph.core.compiled import has_compiler
from barograph.core.event_table import Events
from barograph.core.fitted_events import EventPlan
from barograph.prepare.events.after import state_after
from barograph.prepare.events.intake import LiveState
from barograph.prepare.events.live import live_state
from barograph.prepare.events.memory import bytes_at_most
from barograph.prepare.events.messages import Event
from barograph.prepare.events.replay import replay
from barograph.prepare.events.sequences import last_events
from barograph.prepare.events.stream import live_events, stream
from measuring import Figure, interleaved, median, ratios, show
from measuring.made_up_events import FULL, table

LIVE_GOAL, FAST_GOAL = 100_000.0, 300_000.0
STRETCH, PART = 512, 64
NEW_CARDS = 200_000


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def rolling(events: Events) -> pl.DataFrame:
    """Count and sum per actor over 30 days, as polars rolls: rows of the same instant count as well."""
    frame = pl.DataFrame({"actor": events.actor, "time": events.time, "amount": events.amount})
    return frame.rolling("time", period="30d", closed="left", group_by="actor").agg(
        count=pl.len(), sum=pl.col("amount").sum()
    )


def batch(events: Events, rounds: int) -> list[Figure]:
    """Rows a second of the whole table, in turn with polars."""
    plan = EventPlan()
    few = np.arange(events.n - min(events.n, 100_000), events.n)
    features = replay(events, plan)
    ours, theirs = f"replay, {features.shape[1]} features", "polars rolling, one window, count and sum"
    taken = interleaved({ours: lambda: replay(events, plan), theirs: lambda: rolling(events)}, rounds)
    figures = [Figure(name, events.n / median(taken[name]), "rows/s", digits=0) for name in (ours, theirs)]
    middle, low, high = ratios(taken, ours, theirs)
    windows = len(plan.keys) * len(plan.windows)
    figures.append(Figure(f"time of all over polars' one window ({low:.1f} to {high:.1f})", middle, "times"))
    figures.append(Figure(f"the same for each of our {windows} windows", middle / windows, "times"))
    cases: dict[str, tuple[Callable[[], object], int]] = {
        "state after the table": (lambda: state_after(events, plan, features=features), events.n),
        "last 20 events": (lambda: last_events(events, plan, rows=few, features=features), few.size),
    }
    return figures + [
        Figure(name, rows / seconds(work), "rows/s", digits=0) for name, (work, rows) in cases.items()
    ]


WAYS = {"plain": LIVE_GOAL, "compiled": FAST_GOAL} if has_compiler() else {"plain": LIVE_GOAL}
"""Ways of keeping the live state, with the events a second that are wanted of each."""


def stretches(work: Callable[[Sequence[Event]], object], arrived: list[Event]) -> list[float]:
    """CPU seconds of every stretch of the second half, in which nothing is new any more."""
    taken = [
        seconds(partial(work, arrived[at : at + STRETCH]))
        for at in range(0, len(arrived) - STRETCH + 1, STRETCH)
    ]
    return taken[len(taken) // 2 :]


def singly(state: LiveState, some: Sequence[Event]) -> None:
    """One event after the other."""
    update = state.update
    for event in some:
        update(event)


def in_parts(state: LiveState, some: Sequence[Event]) -> None:
    """Events in parts of 64."""
    for at in range(0, len(some), PART):
        state.update_many(some[at : at + PART])


def live(events: Events, rounds: int) -> list[Figure]:
    """Events a second of the live state: in half of the stretches, and in the quiet tenth of them."""
    arrived = live_events(events)
    cases = {
        (way, how): work for way in WAYS for how, work in (("", singly), (f", in parts of {PART}", in_parts))
    }
    taken: dict[tuple[str, str], list[float]] = {case: [] for case in cases}
    for _ in range(rounds):
        for (way, how), work in cases.items():
            state = live_state(EventPlan(), compiled=way == "compiled")
            taken[way, how] += stretches(partial(work, state), arrived)
    figures = []
    for (way, how), each in taken.items():
        quiet, half = np.quantile(each, (0.1, 0.5))
        goal = WAYS[way] if way == "plain" or how else None
        figures.append(Figure(f"live, {way}{how}", STRETCH / half, "events/s", goal, at_most=False, digits=0))
        figures.append(Figure(f"live, {way}{how}, quiet tenth", STRETCH / quiet, "events/s", digits=0))
    return figures


def memory(events: Events) -> list[Figure]:
    """What a live card takes with all that its events and labels need, and what a new card takes."""
    figures = []
    for way in WAYS:
        state = live_state(EventPlan(), compiled=way == "compiled")
        told = seconds(lambda state=state: stream(events, state))
        cards = len(state.actors)
        figures += [
            Figure(f"live, {way}, labels as they come", events.n / told, "events/s", digits=0),
            Figure(
                f"{way}: events, of {cards:,} live cards", state.key_bytes() / cards, "bytes/card", digits=0
            ),
            Figure(f"{way}: with ids and answers", bytes_at_most(state) / cards, "bytes/card", digits=0),
        ]
        state, number, start = (
            live_state(EventPlan(), compiled=way == "compiled"),
            NEW_CARDS,
            1_600_000_000_000_000,
        )
        new = [Event(f"{i}", start + 80_000 * i, f"card {i}", "shop", 10.0) for i in range(number)]
        taken = seconds(lambda state=state, new=new: in_parts(state, new))
        figures += [
            Figure(f"{way}: {number:,} new cards", number / taken, "cards/s", digits=0),
            Figure(f"{way}: what each takes", state.key_bytes() / number, "bytes/card", digits=0),
        ]
    return figures


def compile_times() -> list[Figure]:
    """Seconds until the compiled state is ready: for the first time on a machine, and from then on."""
    program = "from barograph.prepare.events.live import *; live_state(EventPlan())"
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        taken = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True, env=environment)
            taken.append(time.perf_counter() - start)
    return [
        Figure("process with a compiled state ready, first on the machine", taken[0], "s"),
        Figure("process with a compiled state ready, later", min(taken[1:]), "s"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=FULL, help="of the table")
    parser.add_argument("--events", type=int, default=200_000, help="one at a time")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    some = table(given.events)
    figures = batch(table(given.rows), given.rounds) + live(some, given.rounds) + memory(some)
    figures += compile_times() if has_compiler() else []
    show(f"Event features: {given.rows:,} rows at once, {given.events:,} events one at a time", figures)
    if not has_compiler():
        print("The compiled state was not measured: numba, the extra [fast], is not installed.")


if __name__ == "__main__":
    main()
