"""What stacking the seeds of a fold is worth for records: a step of one member alone and in stacks.

The batch is that of `credit/default` at `standard`; records and their histories are made up. Nothing stops
early. From this comes how many members of a network are trained together (`ScorerEntry.together`).
"""

from __future__ import annotations

import argparse

import numpy as np
import torch

from barograph.models.scorers import SCORERS, SCORING_CATALOGUE, scorer_of
from barograph.pipeline.settings import load
from barograph.train.loop import train_stack
from barograph.train.record_data import RecordData, RecordMember
from measuring import Figure, show
from measuring.made_up import labelled
from measuring.stacks import sized

MEMBERS = (1, 3, 5)
"""Seeds of a fold: alone, those of the studies, and more."""
ROWS, COLUMNS, HELD_OUT, STEPS, CHANNELS = 20_000, 150, 1_000, 24, 6


def records() -> RecordData:
    """Records with a history each."""
    x, label = labelled(ROWS, COLUMNS)
    history = np.random.default_rng(1).normal(size=(ROWS, STEPS, CHANNELS)).astype(np.float32)
    return RecordData(x, history, np.zeros_like(label), label, np.ones_like(label))


def steps_of(network: str, data: RecordData, *, steps: int, rounds: int) -> list[Figure]:
    """A step of a member of one network, stack by stack."""
    train = load("credit/default", budget="standard").train
    train = train.model_copy(update={"max_steps": steps, "check_every": steps})
    fit, held_out = np.arange(ROWS - HELD_OUT), np.arange(ROWS - HELD_OUT, ROWS)
    members = [RecordMember(seed, fit, held_out) for seed in range(max(MEMBERS))]

    def trained(size: int) -> object:
        return train_stack(network, {}, "bernoulli", members[:size], data, train, catalogue=SCORING_CATALOGUE)

    return sized(network, trained, MEMBERS, together=scorer_of(network).together, steps=steps, rounds=rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--networks", default=",".join(SCORERS))
    given = parser.parse_args()
    torch.set_num_threads(1)
    data, figures = records(), []
    for network in given.networks.split(","):
        figures += steps_of(network, data, steps=given.steps, rounds=given.rounds)
    show(f"Training on records on one thread, median of {given.rounds} runs of {given.steps} steps", figures)


if __name__ == "__main__":
    main()
