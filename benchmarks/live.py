"""Live scoring of events: features alone, plain and compiled; with the score, singly and in batches of 64.

The bundles are of a small simulated world of payments: the tabular network of the quick budget, its blend
with LightGBM, a GRU over the card's last 20 payments, and the tabular network of the standard budget. Rates
are those of the quiet tenth of all stretches of 64 events, and beside them what half of the stretches reach:
a busy neighbour on the same core costs up to half. Delays are of the clock, over all events of one round.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from barograph.core.compiled import has_compiler
from barograph.deploy.graph import session_of
from barograph.engines.scoring.answer import Predictor, load
from barograph.engines.scoring.live import LiveScorer
from barograph.engines.scoring.live_events import LiveEvent
from barograph.prepare.events.live import live_state
from barograph.prepare.events.messages import Event
from barograph.prepare.events.snapshot import restore
from measuring import Figure, show
from measuring.streamed import bundles, payments

GOALS = {"tabm": (30_000.0, 150_000.0)}
FEATURES_GOALS = {"plain": 100_000.0, "compiled": 300_000.0} if has_compiler() else {"plain": 100_000.0}
LONGEST = 1.0  # ms, 99 % of the events
BATCH = 64
HALF = 0.5
"""Of the rate of ONNX Runtime alone, with features and score."""


Ask = Callable[[Sequence[LiveEvent]], object]


def rates(work: Callable[[], Ask], events: Sequence[LiveEvent], rounds: int) -> tuple[float, float]:
    """Events a second in the quiet tenth of all stretches of `BATCH` events, and in half of them.

    `work` makes a fresh start for each round.
    """
    taken = []
    for _ in range(rounds):
        ask = work()
        for at in range(0, len(events) - BATCH + 1, BATCH):
            stretch = events[at : at + BATCH]
            start = time.perf_counter()
            ask(stretch)
            taken.append(time.perf_counter() - start)
    quiet, half = np.quantile(taken, (0.1, 0.5))
    return BATCH / float(quiet), BATCH / float(half)


def delays(update: Callable[[LiveEvent], object], events: Sequence[LiveEvent]) -> tuple[float, float]:
    """Half and 99 % of the events are answered within so many ms."""
    taken = []
    for one in events:
        start = time.perf_counter()
        update(one)
        taken.append(1000.0 * (time.perf_counter() - start))
    half, most = np.quantile(taken, (0.5, 0.99))
    return float(half), float(most)


def features_alone(model: Predictor, events: Sequence[LiveEvent], rounds: int) -> list[Figure]:
    """Rates of the state alone, one event at a time."""
    part, figures = model.parts.events, []
    assert part is not None
    arrays = {name.removeprefix("events:"): one for name, one in part.state.items()}
    for way, goal in FEATURES_GOALS.items():

        def fresh(compiled: bool = way == "compiled") -> Ask:
            state = live_state(part.plan, compiled=compiled)
            restore(state, arrays)
            return lambda some: [state.update(Event(*one[:5])) for one in some]

        quiet, half = rates(fresh, events, rounds)
        figures += [
            Figure(f"features alone, {way}", quiet, "events/s", goal, at_most=False, digits=0),
            Figure(f"features alone, {way}, half of the time", half, "events/s", digits=0),
        ]
    return figures


def bare(place: Path) -> Ask:
    """ONNX Runtime alone on a bundle's one graph, a row of zeros for every event."""
    session = session_of(place / "parts" / "live.onnx")
    feeds = {item.name: np.zeros((1, *item.shape[1:]), dtype=np.float64) for item in session.get_inputs()}
    return lambda some: [session.run(None, feeds) for _ in some]


def scored(name: str, model: Predictor, events: Sequence[LiveEvent], rounds: int) -> list[Figure]:
    """Rates and delays of a bundle."""

    def singly() -> Ask:
        scorer = LiveScorer(model)
        return lambda some: [scorer.update(one) for one in some]

    one, usual = rates(singly, events, rounds)
    alone, _ = rates(lambda: bare(model.bundle.folder), events, rounds)
    many, _ = rates(lambda: LiveScorer(model).update_many, events, rounds)
    half, most = delays(LiveScorer(model).update, events)
    goals = GOALS.get(name, (None, None))
    return [
        Figure(f"{name}, one at a time", one, "events/s", goals[0], at_most=False, digits=0),
        Figure(f"{name}, ONNX Runtime alone", alone, "calls/s", digits=0),
        Figure("  of that rate, features and all", one / alone, "times", HALF, at_most=False, digits=2),
        Figure(f"{name}, half of the time", usual, "events/s", digits=0),
        Figure(f"{name}, in batches of {BATCH}", many, "events/s", goals[1], at_most=False, digits=0),
        Figure(f"{name}, half of them within", half, "ms"),
        Figure(f"{name}, 99 % of them within", most, "ms", LONGEST),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    past, events = payments(given.days)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as folder:
        made = bundles(past, Path(folder), networks=("tabm",), champions=("tabm", "lightgbm", "combination"))
        made |= bundles(past, Path(folder), networks=("rnn",), champions=("rnn",))
        wide = {"model.settings": {"tabm": {"k": 16, "hidden": (64,)}}}
        other = bundles(past, Path(folder) / "wide", networks=("tabm",), champions=("tabm",), **wide)
        made["tabm, k 16 × 64"] = other["tabm"]
        for name, place in made.items():
            model = load(place)
            figures += [] if figures else features_alone(model, events, given.rounds)
            figures += scored(name, model, events, given.rounds)
    way = "compiled" if has_compiler() else "in plain Python: numba, the extra [fast], is not installed"
    show(f"{len(events):,} payments arriving live after {past.events.n:,}; features {way}", figures)


if __name__ == "__main__":
    main()
