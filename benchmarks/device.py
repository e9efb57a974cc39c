"""Stacks of networks trained on the processor and, where torch finds one, on a GPU: members × steps a second.

One stack holds 1, 8, 64 or 512 members, which every step advances together in one batched product. Windows
of 44 steps, batch 128, networks as in `walk_forward`. The processor has one thread, as in a run. What a fit
costs besides its steps (building, moving the tables, two looks) is taken out: a fit of more steps less
one of fewer.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch

from barograph.core.section import OptimiserSection
from barograph.models.level_heads import LEVEL_CATALOGUE
from barograph.train.device import device_of
from barograph.train.loop import train_stack
from barograph.train.stack import Member, StackData
from measuring import Figure, interleaved, median, show
from measuring.walk import NETWORKS, WINDOW

BATCH, ROWS, LOOK, AHEAD = 128, 20_000, 128, 5
SHOWN = ("mlp", "cnn", "gru")
MEMBERS = (1, 8, 64, 512)
LEAST, MOST = 1, 200
"""Steps of the shorter fit: about half a second of them."""


def table(*, as_features: bool) -> StackData:
    """A made-up series; the window as features, or as the sequence that ends at each row."""
    values = np.random.default_rng(0).normal(size=(ROWS, 1)).astype(np.float32)
    lags = np.lib.stride_tricks.sliding_window_view(np.pad(values[:, 0], (WINDOW - 1, 0)), WINDOW)
    nothing, target = np.zeros((ROWS, 0), np.float32), np.repeat(values, AHEAD, axis=1)
    return StackData(
        features=np.ascontiguousarray(lags) if as_features else nothing,
        channels=nothing if as_features else values,
        cross_section=nothing,
        window=WINDOW,
        fold_inputs=np.zeros((1, ROWS, 0), np.float32),
        offset=np.zeros((1, ROWS, AHEAD), np.float32),
        target=target,
        target_return=target,
    )


def team(data: StackData, count: int) -> list[Member]:
    """So many members on the same rows; nothing is scaled again."""
    sizes = data.features.shape[1], data.channels.shape[1], 0
    scaling = [values for size in sizes for values in (np.zeros(size), np.ones(size))]
    rows = np.arange(WINDOW, ROWS)
    return [Member(0, seed, rows, rows[:LOOK], *scaling, limit=1e6) for seed in range(count)]


def fit(key: str, data: StackData, members: list[Member], steps: int, device: str) -> None:
    """A fit of so many steps with a look before and behind."""
    name, own = NETWORKS[key]
    settings = OptimiserSection(max_steps=steps, check_every=steps, batch=BATCH, device=device)
    train_stack(name, own, "huber", members, data, settings, catalogue=LEVEL_CATALOGUE)


def rate(key: str, count: int, device: str, rounds: int) -> float:
    """Members × steps a second: a fit of twice and more the steps, less the shorter one."""
    data = table(as_features=key == "mlp")
    members = team(data, count)
    fit(key, data, members, 1, device)  # warms the caches
    start = time.perf_counter()
    fit(key, data, members, 2, device)
    one = (time.perf_counter() - start) / 2
    steps = int(np.clip(0.5 / one, LEAST, MOST))
    cases = {
        "few": lambda: fit(key, data, members, steps, device),
        "more": lambda: fit(key, data, members, 3 * steps, device),
    }
    taken = interleaved(cases, rounds)
    gained = median([more - few for more, few in zip(taken["more"], taken["few"], strict=True)])
    return count * 2 * steps / gained


def devices() -> tuple[dict[str, str], list[str]]:
    """Device -> its name, the processor first, and what is missing."""
    found = {"cpu": "processor, 1 thread"}
    if device_of("auto").type == "cuda":
        return found | {"cuda": torch.cuda.get_device_name()}, []
    return found, [f"There is no GPU here that torch {torch.__version__} finds: the processor alone."]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--members", type=int, nargs="+", default=list(MEMBERS))
    parser.add_argument("--networks", nargs="+", choices=SHOWN, default=list(SHOWN))
    given = parser.parse_args()
    torch.set_num_threads(1)
    found, missing = devices()
    figures = []
    for key in given.networks:
        for count in given.members:
            rates = {device: rate(key, count, device, given.rounds) for device in found}
            figures += [
                Figure(f"{key}, {count:,} members, {found[device]}", value, "members × steps/s", digits=0)
                for device, value in rates.items()
            ]
            if len(rates) > 1:
                times = rates["cuda"] / rates["cpu"]
                figures.append(Figure("  GPU against processor", times, "times faster", digits=1))
    show(f"Steps of stacks, windows of {WINDOW}, batch {BATCH}", figures, missing)


if __name__ == "__main__":
    main()
