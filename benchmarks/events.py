"""Event features: a whole table at once beside polars' own rolling over one window, and one event at a time.

The table is made up: as dense as the handbook's transactions (5,000 actors, 10,000 counterparties, half a
year for 1.75 million rows), labels known after seven days. Figures are of CPU time, one core.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl

from barograph.core.event_table import Events
from barograph.core.fitted_events import DAY, EventPlan
from barograph.prepare.events.after import state_after
from barograph.prepare.events.memory import bytes_at_most
from barograph.prepare.events.messages import Event
from barograph.prepare.events.replay import replay
from barograph.prepare.events.sequences import last_events
from barograph.prepare.events.state import EventState
from barograph.prepare.events.stream import live_events, stream
from measuring import Figure, median, show

FULL = 1_754_155
LIVE_GOAL = 100_000.0


def table(rows: int, seed: int = 0) -> Events:
    """Events as dense per key as the handbook's."""
    random = np.random.default_rng(seed)
    actors, others = max(5000 * rows // FULL, 1), max(10_000 * rows // FULL, 1)
    moments = np.sort(random.integers(0, 183 * DAY, rows)).astype("timedelta64[s]")
    moment = np.datetime64("2018-04-01", "us") + moments
    return Events(
        event_id=np.array([str(row) for row in range(rows)], dtype=object),
        time=moment,
        actor=random.integers(0, actors, rows),
        counterparty=random.integers(0, others, rows),
        amount=np.round(random.gamma(2.0, 27.0, rows), 2),
        label=(random.random(rows) < 0.008).astype(np.float64),
        label_time=moment + np.timedelta64(7 * DAY, "s"),
        actors=np.array([f"card {code}" for code in range(actors)], dtype=object),
        counterparties=np.array([f"terminal {code}" for code in range(others)], dtype=object),
    )


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


def batch(events: Events) -> list[Figure]:
    """Rows a second of the whole table."""
    plan = EventPlan()
    few = np.arange(events.n - min(events.n, 100_000), events.n)
    features = replay(events, plan)
    cases: dict[str, tuple[Callable[[], object], int]] = {
        f"replay, {features.shape[1]} features": (lambda: replay(events, plan), events.n),
        "polars rolling, one window, count and sum": (lambda: rolling(events), events.n),
        "state after the table": (lambda: state_after(events, plan, features=features), events.n),
        "last 20 events": (lambda: last_events(events, plan, rows=few, features=features), few.size),
    }
    return [Figure(name, rows / seconds(work), "rows/s", digits=0) for name, (work, rows) in cases.items()]


def send(arrived: list[Event], plan: EventPlan) -> None:
    """Every event through a new state."""
    update = EventState(plan).update
    for event in arrived:
        update(event)


def live(events: Events, rounds: int) -> list[Figure]:
    """Events a second of the live state, one at a time, and how long one takes."""
    plans = {
        "live": EventPlan(),
        "live, no labels": EventPlan(risk_windows=()),
        "live, actors only": EventPlan(keys=("actor",), risk_windows=()),
    }
    arrived = live_events(events)
    figures = []
    for name, plan in plans.items():
        taken = []
        for _ in range(rounds):
            taken.append(seconds(partial(send, arrived, plan)))
        figures.append(Figure(name, events.n / median(taken), "events/s", LIVE_GOAL, at_most=False, digits=0))
    state = EventState(EventPlan())
    told = seconds(lambda: stream(events, state))
    figures.append(Figure("live, with labels as they come", events.n / told, "events/s", digits=0))
    figures.append(Figure("state, at most", bytes_at_most(state) / 2**20, "MiB", digits=0))
    figures.append(Figure("keys in it", len(state.actors) + len(state.counterparties), "keys", digits=0))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=FULL, help="of the table")
    parser.add_argument("--events", type=int, default=200_000, help="one at a time")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    figures = batch(table(given.rows)) + live(table(given.events), given.rounds)
    show(f"Event features: {given.rows:,} rows at once, {given.events:,} events one at a time", figures)


if __name__ == "__main__":
    main()
