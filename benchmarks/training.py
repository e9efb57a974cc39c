"""What stacking is worth: a step of one model in a stack of eight, beside the same network trained alone.

Batch, hidden sizes and numbers of inputs are those of `market/volatility` at `standard` with its eight
series; the inputs themselves are random, which changes no step's cost. Nothing stops early.
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np
import torch

from barograph.core.study import Study
from barograph.models.catalogue import CATALOGUE
from barograph.pipeline import settings
from barograph.train.loop import train_stack
from barograph.train.stack import Member, StackData
from measuring import Figure, interleaved, median, show

NETWORKS = ("mlp", "cnn", "rnn")
MEMBERS = 8
ROWS, FEATURES, OWN, CHANNELS, CROSS = 20_000, 31, 6, 5, 16
"""Rows of the table; inputs shared by all folds, of one fold, per day of the window, of the whole panel."""


def tables(study: Study) -> StackData:
    """Random tables of the study's sizes."""
    random = np.random.default_rng(0)
    horizons = len(study.prepare.horizons)

    def drawn(*size: int) -> np.ndarray:
        return random.normal(size=size).astype(np.float32)

    returns = 0.01 * drawn(ROWS, horizons)
    return StackData(
        features=drawn(ROWS, FEATURES),
        channels=drawn(ROWS, CHANNELS),
        cross_section=drawn(ROWS, CROSS),
        window=study.prepare.window,
        fold_inputs=drawn(1, ROWS, OWN),
        offset=np.full((1, ROWS, horizons), np.log(1e-4), dtype=np.float32),
        target=returns**2,
        target_return=returns,
    )


def member(seed: int, window: int) -> Member:
    """A member that fits on all rows but the last thousand and looks at these."""
    return Member(
        fold=0,
        seed=seed,
        fit_rows=np.arange(window, ROWS - 1000),
        validation_rows=np.arange(ROWS - 1000, ROWS),
        feature_mean=np.zeros(FEATURES + OWN),
        feature_scale=np.ones(FEATURES + OWN),
        channel_mean=np.zeros(CHANNELS),
        channel_scale=np.ones(CHANNELS),
        cross_mean=np.zeros(CROSS),
        cross_scale=np.ones(CROSS),
        limit=6.0,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=50)
    given = parser.parse_args()
    torch.set_num_threads(1)
    study = settings.load("market/volatility", budget="standard")
    train = study.train.model_copy(update={"max_steps": given.steps, "patience": given.steps})
    data = tables(study)
    figures = []
    for network in NETWORKS:
        own = dict(study.model.settings.get(network, {}))
        members = [member(seed, study.prepare.window) for seed in range(MEMBERS)]
        run = partial(train_stack, network, own, study.model.head, data=data, settings=train)
        stack, alone = (partial(run, chosen, catalogue=CATALOGUE) for chosen in (members, members[:1]))
        taken = interleaved({"stack": stack, "alone": alone}, given.rounds)
        stacked = 1000.0 * median(taken["stack"]) / (given.steps * MEMBERS)
        single = 1000.0 * median(taken["alone"]) / given.steps
        figures += [
            Figure(f"{network}, stack of {MEMBERS}", stacked, "ms a model-step"),
            Figure(f"{network}, alone", single, "ms a model-step"),
            Figure(f"{network}, alone / stacked", single / stacked, "times", digits=2),
        ]
    show(f"Training on one thread, median of {given.rounds} runs of {given.steps} steps", figures)


if __name__ == "__main__":
    main()
