"""Made curves, and a study of them small enough for a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.panels import panel_from_frame
from barograph.core.panel_study import (
    PanelClaim,
    PanelInputsSection,
    PanelJudgeSection,
    PanelModelSection,
    PanelSection,
    PanelStudy,
    PanelTrainSection,
)
from barograph.core.panel_table import PanelSnapshot
from barograph.engines.forecasting.panels.fit import PanelRun, panel_walk_forward
from barograph.prepare.panels import build_panel
from small_levels import PlainMemory, Silent

TENORS = ("m3", "y1", "y2", "y5", "y10")


def small_study(**changes: Any) -> PanelStudy:
    plain = PanelStudy(
        name="test/panels",
        question="How will they move?",
        collect=PanelSection(source="frame", unit="percent"),
        prepare=PanelInputsSection(horizons=(1, 3), window=4, half_life=12.0, stale=1),
        model=PanelModelSection(
            networks=("mlp",), settings={"mlp": {"hidden": [6]}},
            baselines=("random_walk", "random_walk_garch", "dns_ar", "ar"),
        ),
        train=PanelTrainSection(
            seeds=2, max_steps=60, check_every=10, patience=2, batch=64, learning_rate=5e-3, workers=1,
            refit_months=24, calibration_months=48,
        ),
        evaluate=PanelJudgeSection(
            bootstrap=50,
            claims=(
                PanelClaim(key="floor", rung="floor", kind="never_worse"),
                PanelClaim(key="target", rung="target", kind="better", opponent="ar"),
                PanelClaim(key="bound", rung="target", kind="mean_ratio", bound=0.99),
                PanelClaim(key="density", rung="target", kind="ratio", metric="crps", share=0.7),
                PanelClaim(key="moon", rung="moonshot", kind="ratio_tested", bound=0.97, share=0.5),
            ),
        ),
    )  # fmt: skip
    sections = plain.model_dump()
    for key, value in changes.items():
        section, _, name = key.partition("__")
        sections[section][name] = value
    return PanelStudy.model_validate(sections)


def curve(n: int = 200, *, seed: int = 0, pull: float = 0.0) -> pl.DataFrame:
    """Monthly yields in percent: a level that walks (or is pulled to 4 by `pull` a month), and a slope."""
    stream, rows, n = np.random.default_rng(seed), n, 400  # a longer curve begins as a shorter one
    level = np.empty(n)
    level[0] = 4.0
    slope = np.cumsum(0.02 * stream.normal(size=n))
    for t in range(1, n):
        level[t] = level[t - 1] + pull * (4.0 - level[t - 1]) + 0.2 * stream.normal()
    loading = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    yields = level[:, None] + slope[:, None] * loading + 0.02 * stream.normal(size=(n, 5))
    months = pl.date_range(pl.date(1990, 1, 1), pl.date(1990, 1, 1).dt.offset_by(f"{n - 1}mo"), "1mo")
    table = pl.DataFrame({name: yields[:, place] for place, name in enumerate(TENORS)})
    return (
        table.with_columns(month=pl.select(months.dt.month_end()).to_series())
        .select("month", *TENORS)
        .head(rows)
    )


def snapshot_of(frame: pl.DataFrame, study: PanelStudy) -> PanelSnapshot:
    return panel_from_frame(frame, study.collect)


def walked(frame: pl.DataFrame, study: PanelStudy, folder: Path) -> PanelRun:
    samples = build_panel(snapshot_of(frame, study).panel, study.prepare)
    return panel_walk_forward(samples, study, memory=PlainMemory(), progress=Silent(), checkpoints=folder)
