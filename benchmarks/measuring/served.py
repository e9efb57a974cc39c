"""Bundles from small runs on packaged data, and what they are asked: days after the last, or applications."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
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


def applications(columns: Sequence[str], rows: int) -> pl.DataFrame:
    """Requests with the columns a bundle of `credit/default` asks for: packaged loans, over and over."""
    sample = resources.files("barograph.collect.samples").joinpath("sba_loans.parquet")
    with resources.as_file(sample) as path:
        loans = pl.read_parquet(path)
    loans = loans.with_columns(guaranteed_share=pl.col("sba_appv") / pl.col("gr_appv")).select(columns)
    return pl.concat([loans] * -(-rows // loans.height)).head(rows)
