"""A few simulated currencies and what makes the currency studies small: shared by their tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from barograph.core.scoring_study import ScoringStudy
from barograph.pipeline import settings
from small_study import calendar_of, gjr_returns

NAMES = ("USD", "GBP", "SEK", "TRY", "DKK")
SCALE = {"TRY": 0.9, "DKK": 0.005}
"""Of a percent a day; the last one is held by its central bank."""

SMALL_FALLS: dict[str, Any] = {
    "collect.source": "frame",
    "prepare.fixings.entities": (),
    "prepare.fixings.announced": {},
    "prepare.fixings.window": 10,
    "prepare.fixings.fall": 0.03,
    "model.networks": ("mlp",),
    "model.settings": {},
    "train.seeds": 2,
    "train.trials": 1,
    "train.max_steps": 60,
    "train.check_every": 20,
    "train.workers": 1,
    "evaluate.origins": (2020, 2021),
    "evaluate.development": (2020,),
    "evaluate.bootstrap": 100,
    "deploy.reference_records": 16,
}
"""What makes `fx/depreciation` small."""


def rates(days: int = 1850) -> pl.DataFrame:
    """A wide table: four rates that float, one that its central bank holds, on one calendar."""
    calendar = calendar_of(1, days)
    table: dict[str, Any] = {"date": calendar}
    for number, name in enumerate(NAMES):
        moves = gjr_returns(calendar, seed=40 + number)[0] * SCALE.get(name, 0.6)
        table[name] = (7.46 if name == "DKK" else 1.1) * np.exp(np.cumsum(moves))
    return pl.DataFrame(table)


def small_falls(**changes: Any) -> ScoringStudy:
    """The shipped recipe on a small scale; changes as dotted keys with `__` for the dot."""
    dotted = {key.replace("__", "."): value for key, value in changes.items()}
    study = settings.with_overrides(
        settings.load("fx/depreciation", budget="quick"), {**SMALL_FALLS, **dotted}
    )
    assert isinstance(study, ScoringStudy)
    return study
