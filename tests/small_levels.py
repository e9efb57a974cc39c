"""Made series in levels, and a study small enough for a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.levels import level_from_frame
from barograph.core.level_study import (
    LevelClaim,
    LevelJudgeSection,
    LevelModelSection,
    LevelsSection,
    LevelStudy,
    LevelTrainSection,
    SeriesSection,
)
from barograph.core.level_table import LevelSnapshot
from barograph.engines.forecasting.levels.fit import LevelRun, level_walk_forward
from barograph.prepare.levels import build_levels

DELAY = 2


def small_study(**changes: Any) -> LevelStudy:
    plain = LevelStudy(
        name="test/levels",
        question="How high will it be?",
        collect=SeriesSection(target="y", time="month", delay=DELAY, exogenous={"x": 0}),
        prepare=LevelsSection(horizons=(0, 1), scale="level", lags=2, window=3),
        model=LevelModelSection(networks=("mlp",), settings={"mlp": {"hidden": (4,)}}),
        train=LevelTrainSection(
            seeds=2, max_steps=60, check_every=10, patience=2, batch=16, refit_every=20,
            penalties=(0.1, 10.0), learning_rate=5e-3, workers=1,
        ),
        evaluate=LevelJudgeSection(
            claims=(
                LevelClaim(key="floor", rung="floor", kind="not_worse", opponent="ar"),
                LevelClaim(key="target", rung="target", kind="better", opponent="ar"),
                LevelClaim(key="moon", rung="moonshot", kind="better", model="network", opponent="linear"),
            )
        ),
    )  # fmt: skip
    sections = plain.model_dump()
    for key, value in changes.items():
        section, _, name = key.partition("__")
        sections[section][name] = value
    return LevelStudy.model_validate(sections)


def table(n: int, *, seed: int, effect: float) -> pl.DataFrame:
    """A random walk in months; `effect` times the exogenous column moves it `DELAY` + 1 months later."""
    stream = np.random.default_rng(seed)
    x = stream.normal(size=n)
    steps = 0.5 * stream.normal(size=n)
    level = np.cumsum(steps)
    level[1:] += effect * x[:-1]
    months = pl.date_range(pl.date(1990, 1, 1), pl.date(1990, 1, 1).dt.offset_by(f"{n - 1}mo"), "1mo")
    return pl.DataFrame({"y": level, "x": x}).with_columns(month=pl.select(months).to_series())


def snapshot_of(frame: pl.DataFrame, study: LevelStudy) -> LevelSnapshot:
    return level_from_frame(frame, study.collect)


class PlainMemory:
    """`core.contracts.Memory` that keeps nothing, packing and unpacking all the same."""

    def run(
        self,
        name: str,
        work: Callable[[Any], Any],
        tasks: Sequence[Any],
        *,
        keys: Sequence[str],
        pack: Callable[[Any], tuple[dict[str, Any], dict[str, Any]]],
        unpack: Callable[[dict[str, Any], dict[str, Any]], Any],
        on_done: Callable[[], None],
    ) -> list[Any]:
        return [unpack(*pack(work(task))) for task in tasks]


class Silent:
    """A `Progress` that says nothing."""

    def stage(self, name: str, total: int) -> None:
        pass

    def advance(self, n: int = 1) -> None:
        pass

    def close(self) -> None:
        pass


def walked(frame: pl.DataFrame, study: LevelStudy, folder: Path) -> LevelRun:
    samples = build_levels(snapshot_of(frame, study).series, study.prepare)
    return level_walk_forward(samples, study, memory=PlainMemory(), progress=Silent(), checkpoints=folder)
