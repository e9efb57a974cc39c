"""What stacking the seeds of a fold is worth for records: a step of one member alone and in stacks.

The batch is that of `credit/default` at `standard`; records and their histories are made up. Nothing stops
early. From this comes how many members of a network are trained together (`ScorerEntry.together`).
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np
import torch

from barograph.models.scorers import SCORERS, SCORING_CATALOGUE, scorer_of
from barograph.pipeline.settings import load
from barograph.train.loop import train_stack
from barograph.train.record_data import RecordData, RecordMember
from measuring import Figure, interleaved, median, show
from measuring.made_up import labelled

MEMBERS = (1, 3, 5)
"""Seeds of a fold: alone, those of the studies, and more."""
WASTED = 1.25
"""How many times the best size's time the size that the catalogue names may take."""
ROWS, COLUMNS, HELD_OUT, STEPS, CHANNELS = 20_000, 150, 1_000, 24, 6


def records() -> RecordData:
    """Records with a history each."""
    x, label = labelled(ROWS, COLUMNS)
    history = np.random.default_rng(1).normal(size=(ROWS, STEPS, CHANNELS)).astype(np.float32)
    return RecordData(x, history, np.zeros_like(label), label, np.ones_like(label))


def sized(network: str, data: RecordData, *, steps: int, rounds: int) -> list[Figure]:
    """Milliseconds a step of one member for every size of a stack, and what the catalogue's choice wastes."""
    train = load("credit/default", budget="standard").train
    train = train.model_copy(update={"max_steps": steps, "check_every": steps})
    fit, held_out = np.arange(ROWS - HELD_OUT), np.arange(ROWS - HELD_OUT, ROWS)
    members = [RecordMember(seed, fit, held_out) for seed in range(max(MEMBERS))]
    run = partial(train_stack, network, {}, "bernoulli", catalogue=SCORING_CATALOGUE)
    cases = {str(size): partial(run, members[:size], data, train) for size in MEMBERS}
    taken = interleaved(cases, rounds)
    each = {size: 1000.0 * median(taken[str(size)]) / (steps * size) for size in MEMBERS}
    figures = [
        Figure(f"{network}, {f'stack of {size}' if size > 1 else 'alone'}", value, "ms a member-step")
        for size, value in each.items()
    ]
    chosen = max(size for size in MEMBERS if size <= scorer_of(network).together)
    case = f"  {chosen if chosen > 1 else 'alone'}, as chosen, over the best size"
    return [*figures, Figure(case, each[chosen] / min(each.values()), "times", WASTED, digits=2)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--networks", default=",".join(SCORERS))
    given = parser.parse_args()
    torch.set_num_threads(1)
    data, figures = records(), []
    for network in given.networks.split(","):
        figures += sized(network, data, steps=given.steps, rounds=given.rounds)
    show(f"Training on records on one thread, median of {given.rounds} runs of {given.steps} steps", figures)


if __name__ == "__main__":
    main()
