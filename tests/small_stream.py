"""A small made stream of payments and the shipped study of card payments on it, in seconds of computing."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import polars as pl
import torch

from barograph.collect.records.catalogue import records_from_frame
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import ScoringStudy
from barograph.pipeline import settings

torch.set_num_threads(1)

HOURS = 36
TODAY = datetime.date(2026, 1, 1)

TINY: dict[str, Any] = {
    "collect.source": "frame",
    "collect.target": "fraud",
    "collect.time": "seconds",
    "collect.amount": "amount",
    "collect.deny": {},
    "collect.stream": ("v2", "v3"),
    "collect.stream_steps": 4,
    "prepare.bins": 4,
    "prepare.tails": (),
    "model.networks": ("tabm", "cnn"),
    "model.settings": {"tabm": {"k": 2, "hidden": (8,)}, "cnn": {"channels": 4, "hidden": (8,)}},
    "train.seeds": 1,
    "train.trials": 1,
    "train.max_steps": 30,
    "train.check_every": 10,
    "train.batch": 128,
    "train.learning_rate": 0.01,
    "train.workers": 1,
    "evaluate.origins": (18, 24, 30),
    "evaluate.development": (18,),
    "evaluate.bootstrap": 100,
    "evaluate.leak_removal": 0.9,
    "deploy.reference_records": 8,
    "deploy.champion": "combination",
}
"""What makes the shipped recipe small, on own data."""


def small_stream(**changes: Any) -> ScoringStudy:
    """The shipped recipe on a small scale; changes as dotted keys with `__` for the dot."""
    dotted = {key.replace("__", "."): value for key, value in changes.items()}
    made = settings.with_overrides(
        settings.load("operational/fraud-cards", budget="quick"), {**TINY, **dotted}
    )
    assert isinstance(made, ScoringStudy)
    return made


def stream(
    per_hour: int = 60,
    *,
    seed: int = 1,
    strength: float = 1.5,
    rate: float = -2.5,
    before: float = 0.0,
) -> pl.DataFrame:
    """Payments of some hours, each hour alike.

    Log-odds of fraud: `rate`, `strength` times v1 and |v2|, and `before` times v3 of the payment before.
    """
    random = np.random.default_rng(seed)
    n = per_hour * HOURS
    seconds = np.sort(random.uniform(0, 3600, (HOURS, per_hour)), axis=1) + 3600 * np.arange(HOURS)[:, None]
    values = random.normal(size=(n, 3))
    odds = rate + strength * (values[:, 0] + np.abs(values[:, 1]) - 0.8)
    odds[1:] += before * values[:-1, 2]
    return pl.DataFrame(
        {
            "seconds": seconds.ravel().round(2),
            **{f"v{i + 1}": values[:, i] for i in range(3)},
            "amount": random.exponential(60.0, n).round(2) + 0.01,
            "fraud": (random.random(n) < 1.0 / (1.0 + np.exp(-odds))).astype(int),
        }
    )


def snapshot_of(table: pl.DataFrame, study: ScoringStudy) -> RecordSnapshot:
    """The records of a made stream."""
    return records_from_frame(table, study.collect, today=TODAY)
