"""Made ledgers, and a study small enough for a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.ledgers import Truth, ledger_from_frame, simulate_ledger
from barograph.core.ledger_study import (
    LedgerClaim,
    LedgerInputsSection,
    LedgerJudgeSection,
    LedgerModelSection,
    LedgerSection,
    LedgerShipSection,
    LedgerStudy,
    LedgerTrainSection,
    LossMetric,
)
from barograph.core.ledger_table import LedgerSnapshot
from barograph.engines.forecasting.ledgers.fit import LedgerRun, ledger_walk_forward
from barograph.prepare.ledgers import build_ledgers
from small_levels import PlainMemory, Silent

TAIL: LossMetric = "severity_tail_crps"
CALM = Truth(season=0.0, regime=0.0, dispersion=0.0, inflation=1.0, weekly=3.0)
"""Nothing to be found."""
RESTLESS = Truth(season=0.5, regime=1.2, stay=0.97, dispersion=0.05, inflation=4.0, weekly=3.0)
"""A season and a regime in both parts."""


def small_study(**changes: Any) -> LedgerStudy:
    plain = LedgerStudy(
        name="test/ledgers",
        question="How bad will it be?",
        collect=LedgerSection(target="amount", time="day"),
        prepare=LedgerInputsSection(window=6),
        model=LedgerModelSection(networks=("mlp",), settings={"mlp": {"hidden": (6,)}}),
        train=LedgerTrainSection(
            seeds=2, max_steps=60, check_every=10, patience=3, batch=64, learning_rate=5e-3, workers=1,
            anomaly_steps=20,
        ),
        evaluate=LedgerJudgeSection(
            claims=(
                LedgerClaim(key="floor", rung="floor", kind="not_worse"),
                LedgerClaim(key="tail", rung="floor", kind="not_worse", opponent="spliced", metric=TAIL),
                LedgerClaim(key="target", rung="target", kind="better"),
            )
        ),
        deploy=LedgerShipSection(simulated_years=10_000, bootstrap=20),
    )  # fmt: skip
    sections = plain.model_dump()
    for key, value in changes.items():
        section, _, name = key.partition("__")
        sections[section][name] = value
    return LedgerStudy.model_validate(sections)


def table(truth: Truth = CALM, *, years: int = 6, seed: int = 0) -> pl.DataFrame:
    """A simulated ledger from 2001."""
    return simulate_ledger(truth, years=years, seed=seed)


def snapshot_of(frame: pl.DataFrame, study: LedgerStudy) -> LedgerSnapshot:
    return ledger_from_frame(frame, study.collect)


def walked(frame: pl.DataFrame, study: LedgerStudy, folder: Path) -> LedgerRun:
    samples = build_ledgers(snapshot_of(frame, study).ledger, study.prepare)
    return ledger_walk_forward(samples, study, memory=PlainMemory(), progress=Silent(), checkpoints=folder)


def spoilt(frame: pl.DataFrame, day: str, *, seed: int = 0) -> pl.DataFrame:
    """The ledger with other losses from a day on."""
    stream = np.random.default_rng(seed)
    early = frame.filter(pl.col("day") < pl.lit(day).str.to_date())
    start, end = np.datetime64(day, "D"), frame["day"].to_numpy().astype("datetime64[D]")[-1]
    n = 3 * (frame.height - early.height)
    days = np.sort(start + stream.integers(0, int((end - start).astype(int)), n))
    garbage = pl.DataFrame({"day": pl.Series(days).cast(pl.Date), "amount": 1e7 * stream.random(n) + 1.0})
    last = pl.DataFrame({"day": pl.Series(np.array([end])).cast(pl.Date), "amount": [5.0]})
    return pl.concat([early, garbage, last])
