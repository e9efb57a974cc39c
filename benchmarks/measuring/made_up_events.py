"""Events made up, as dense per key as the handbook's transactions; labels known after seven days."""

from __future__ import annotations

import numpy as np

from barograph.core.event_table import Events
from barograph.core.fitted_events import DAY

FULL = 1_754_155
"""Transactions of the handbook: 5,000 actors and 10,000 counterparties in half a year."""


def table(rows: int, seed: int = 0) -> Events:
    """So many of them, in order of time."""
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
