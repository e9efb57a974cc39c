"""What stacking is worth: a step of one model in stacks of several sizes, beside the network trained alone.

Batch, hidden sizes and numbers of inputs are those of `market/volatility` at `standard` with its eight
series; the inputs themselves are random, which changes no step's cost. Nothing stops early. From this comes
how many members of a network are trained together (`models.catalogue.NetworkEntry.together`).
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import torch

from barograph.core.study import Study
from barograph.models.catalogue import CATALOGUE, entry_of
from barograph.pipeline.settings import load
from barograph.train.loop import train_stack
from barograph.train.stack import Member, StackData
from measuring import Figure, show
from measuring.stacks import sized

NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "mlp": ("mlp", {}),
    "autoencoder": ("autoencoder", {}),
    "cnn": ("cnn", {}),
    "gru": ("rnn", {"cell": "gru"}),
    "lstm": ("rnn", {"cell": "lstm"}),
    "transformer": ("transformer", {}),
}
MEMBERS = (1, 8, 16, 32, 64)
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


def steps_of(network: str, study: Study, data: StackData, *, steps: int, rounds: int) -> list[Figure]:
    """A step of a member of one network, stack by stack."""
    key, own = NETWORKS[network]
    train = study.train.model_copy(update={"max_steps": steps, "patience": steps})
    members = [member(seed, study.prepare.window) for seed in range(max(MEMBERS))]
    settings = dict(study.model.settings.get(key, {})) | own

    def trained(size: int) -> object:
        return train_stack(key, settings, study.model.head, members[:size], data, train, catalogue=CATALOGUE)

    return sized(network, trained, MEMBERS, together=entry_of(key).together, steps=steps, rounds=rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--networks", default=",".join(NETWORKS))
    given = parser.parse_args()
    torch.set_num_threads(1)
    study = load("market/volatility", budget="standard")
    data, figures = tables(study), []
    for network in given.networks.split(","):
        figures += steps_of(network, study, data, steps=given.steps, rounds=given.rounds)
    show(f"Training on one thread, median of {given.rounds} runs of {given.steps} steps", figures)


if __name__ == "__main__":
    main()
