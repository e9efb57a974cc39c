"""A walk-forward beside neuralforecast and Darts: ten refits, the same steps, the same prices, one thread.

What is forecast is the log variance of the S&P 500 and the Nasdaq by their daily range, twenty days ahead at
once, from the last 44 days; each refit knows twenty days more. All sides read the same numbers, lose by the
same Huber loss, have the same width (two layers of 32, four dilated convolutions of 32, a GRU or an LSTM of
32 with a layer of 32 behind), batch, rate and number of steps. Peers run in environments of their own
(`peers/`), stay loaded, and time themselves, so that no import counts. What differs: how first weights are
drawn and how the rate is scheduled, and that networks of peers decode each day apart. Errors of both sides
are printed beside that of the mean of the last 44 days.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import torch

from measuring import Figure, show
from measuring.cache import NoPeer
from measuring.market import AHEAD, Ranges, ranges
from measuring.rounds import Rounds, measured, yardstick
from measuring.walk import NETWORKS, WINDOW, walk
from measuring.workers import worker

BATCH, RATE = 128, 3e-3
GOALS = {
    "mlp": {"neuralforecast": 20.0},
    "cnn": {"neuralforecast": 15.0, "darts": 15.0},
    "gru": {"neuralforecast": 3.0},
    "lstm": {"neuralforecast": 2.0},
}
"""How many times faster than each peer that has the network, on one core."""
TITLES = {"mlp": "MLP 2×32", "cnn": "dilated CNN 32", "gru": "GRU-32", "lstm": "LSTM-32"}
Walk = Callable[[str], Mapping[str, Any]]
YARDSTICK = "yardstick"


def ours(prices: Ranges, steps: int) -> Walk:
    """Our walk, timed."""

    def done(network: str) -> Mapping[str, Any]:
        start = time.perf_counter()
        forecasts, weights = walk(prices, network, steps=steps, batch=BATCH, rate=RATE)
        return {"seconds": time.perf_counter() - start, "forecasts": forecasts, "weights": weights}

    return done


def peers(
    names: Sequence[str], stack: ExitStack, prices: Ranges, steps: int, folder: Path
) -> tuple[dict[str, Walk], list[str]]:
    """Walks of those whose environment could be made, and of the others why not."""
    np.save(folder / "values.npy", prices.values)
    given = {"refits": prices.refits, "steps": steps, "batch": BATCH, "rate": RATE, "ahead": AHEAD}
    found: dict[str, Walk] = {}
    missing = []
    for name in names:
        try:
            program = worker(name, f"{name}_walk.py", str(folder / "values.npy"), str(WINDOW))
            asked = stack.enter_context(program)
            found[name] = lambda network, asked=asked: asked.ask(network=network, **given)
        except NoPeer as error:
            missing.append(f"{name} is not in the table: {error}.")
    return found, missing


def warmed(network: str, sides: Mapping[str, Walk], missing: list[str]) -> dict[str, int]:
    """Weights of each side that walks: a first walk warms it. Who cannot is put down as missing."""
    weights = {}
    for name, side in sides.items():
        try:
            weights[name] = int(side(network)["weights"])
        except NoPeer as error:
            missing.append(f"{TITLES[network]}: {name} is not in the table: {error}.")
    return weights


def beside(network: str, sides: Mapping[str, Walk], prices: Ranges, rounds: int) -> Rounds:
    """Rounds in which each side walks once."""

    def once() -> dict[str, float]:
        found = {YARDSTICK: yardstick()}
        for name, side in sides.items():
            told = side(network)
            found[name], found[f"error {name}"] = told["seconds"], prices.error(told["forecasts"])
        return found

    return measured(once, YARDSTICK, rounds)


def table(network: str, found: Rounds, weights: Mapping[str, int], steps: int, refits: int) -> list[Figure]:
    """Seconds and error of every side, and how many times faster we are."""
    title, figures = TITLES[network], []
    for name, size in weights.items():
        per_step = 1000.0 * found.middle(name) / (steps * refits)
        figures += [
            Figure(f"{title}, {name}, {size:,} weights", found.middle(name), "s"),
            Figure("  a step of one model, all included", per_step, "ms"),
            Figure("  error", found.middle(f"error {name}"), "sd"),
        ]
    for name, goal in GOALS[network].items():
        if name in weights:
            middle, low, high = found.ratio(name, "Barograph")
            case = f"  Barograph against {name} ({low:.1f} to {high:.1f})"
            figures.append(Figure(case, middle, "times faster", goal, at_most=False, digits=1))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--refits", type=int, default=10)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--networks", default=",".join(NETWORKS))
    given = parser.parse_args()
    torch.set_num_threads(1)
    prices = ranges(given.refits)
    figures, notes, networks = [], [], given.networks.split(",")
    names = list(dict.fromkeys(name for network in networks for name in GOALS[network]))
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as name, ExitStack() as stack:
        others, missing = peers(names, stack, prices, given.steps, Path(name))
        for network in networks:
            sides = {"Barograph": ours(prices, given.steps)}
            sides |= {name: others[name] for name in GOALS[network] if name in others}
            weights = warmed(network, sides, missing)
            found = beside(network, {name: sides[name] for name in weights}, prices, given.rounds)
            figures += table(network, found, weights, given.steps, given.refits)
            notes.append(f"{TITLES[network]}: {found.note()}")
    figures.append(Figure(f"error of the mean of the last {WINDOW} days", prices.plain_error(WINDOW), "sd"))
    title = f"A walk-forward of {given.refits} refits × {given.steps} steps, batch {BATCH}, window {WINDOW}"
    show(title, figures, [*notes, *missing])


if __name__ == "__main__":
    main()
