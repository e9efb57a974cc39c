"""Our side of a walk-forward: every refit a member of one stack, trained and asked together."""

from __future__ import annotations

from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.section import OptimiserSection
from barograph.core.seeds import seed_of
from barograph.models.level_heads import LEVEL_CATALOGUE
from barograph.train.loop import train_stack
from barograph.train.predict import predict_stack
from barograph.train.stack import Member, StackData
from measuring.market import AHEAD, Ranges

WINDOW = 44
LOOK = 128
"""Rows of the look at the end, the last that a fit knows."""
UNITS = 32
NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "mlp": ("mlp", {"hidden": (UNITS, UNITS)}),
    "cnn": ("cnn", {"channels": UNITS, "kernel": 3, "hidden": (UNITS,)}),
    "gru": ("rnn", {"cell": "gru", "hidden": UNITS, "readout": (UNITS,)}),
    "lstm": ("rnn", {"cell": "lstm", "hidden": UNITS, "readout": (UNITS,)}),
}
"""Networks of the catalogue, by the names that peers know them by."""


def tables(ranges: Ranges, *, as_features: bool) -> StackData:
    """Series one under the other; the window as features, or as the sequence that ends at each row."""
    values = ranges.values.astype(np.float32)
    n_series, days = values.shape
    before = np.concatenate([np.zeros((n_series, WINDOW - 1), np.float32), values], axis=1)
    lags = np.lib.stride_tricks.sliding_window_view(before, WINDOW, axis=1).reshape(-1, WINDOW)
    after = np.concatenate([values[:, 1:], np.full((n_series, AHEAD), np.nan, np.float32)], axis=1)
    ahead = np.lib.stride_tricks.sliding_window_view(after, AHEAD, axis=1)[:, :days].reshape(-1, AHEAD)
    n = n_series * days
    nothing = np.zeros((n, 0), np.float32)
    return StackData(
        features=np.ascontiguousarray(lags) if as_features else nothing,
        channels=nothing if as_features else values.reshape(n, 1),
        cross_section=nothing,
        window=WINDOW,
        fold_inputs=np.zeros((1, n, 0), np.float32),
        offset=np.zeros((1, n, AHEAD), np.float32),
        target=np.ascontiguousarray(ahead),
        target_return=np.ascontiguousarray(ahead),
    )


def members(ranges: Ranges, data: StackData, seeds: int) -> list[Member]:
    """So many per refit: each learns from all windows whose days ahead it knows; nothing is scaled again."""
    n_series, days = ranges.values.shape
    sizes = data.features.shape[1], data.channels.shape[1]
    made = []
    for fold, cut in enumerate(ranges.cuts):
        ends = np.arange(WINDOW - 1, cut - AHEAD)
        fit = np.concatenate([days * one + ends for one in range(n_series)])
        scaling = [(np.zeros(size), np.ones(size)) for size in (*sizes, 0)]
        look = np.concatenate([days * one + ends[-LOOK // n_series :] for one in range(n_series)])
        made += [
            Member(
                0, seed_of(0, "walk", fold, seed), fit, look, *scaling[0], *scaling[1], *scaling[2], limit=1e6
            )
            for seed in range(seeds)
        ]
    return made


def walk(
    ranges: Ranges, network: str, *, steps: int, batch: int, rate: float, seeds: int = 1
) -> tuple[FloatArray, int]:
    """Forecasts [refits, series, AHEAD], means over seeds, and weights of a member."""
    key, own = NETWORKS[network]
    data = tables(ranges, as_features=key == "mlp")
    stack = members(ranges, data, seeds)
    settings = OptimiserSection(max_steps=steps, check_every=steps, batch=batch, learning_rate=rate)
    trained = train_stack(key, own, "huber", stack, data, settings, catalogue=LEVEL_CATALOGUE)
    n_series, days = ranges.values.shape
    asked = [days * np.arange(n_series) + cut - 1 for cut in ranges.cuts for _ in range(seeds)]
    raw = predict_stack(trained, stack, data, asked, catalogue=LEVEL_CATALOGUE)
    weights = sum(values[0].size for values in trained.weights.values())
    forecasts = np.stack(raw)[..., 0].reshape(ranges.refits, seeds, n_series, AHEAD).mean(axis=1)
    return forecasts.astype(np.float64), weights
