"""A bundle from a small run on the packaged prices, and days that come after its last one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

import barograph as bg
from barograph.api.answer import Predictor


def small_bundle(folder: Path) -> Path:
    """The bundle of the quick budget: three series, one network."""
    return bg.run("market/volatility", budget="quick", out=folder / "run").bundle


def next_days(model: Predictor, days: int) -> pl.DataFrame:
    """Made-up closes on the business days after the newest one a bundle knows, for every entity, by day."""
    newest = model.forecast().group_by("entity").agg(pl.col("time").max(), pl.col("price").first())
    calendar = np.busday_offset(np.datetime64(newest["time"].max()) + 1, np.arange(days), roll="forward")
    random = np.random.default_rng(0)
    tables = [
        pl.DataFrame({"time": calendar, "close": price * np.exp(0.01 * random.normal(size=days).cumsum())})
        .with_columns(entity=pl.lit(entity))
        .select("entity", "time", "close")
        for entity, price in newest.sort("entity").select("entity", "price").rows()
    ]
    return pl.concat(tables).sort("time", "entity")
