"""What only the run itself knows: versions, training, weights, how often the confirmation was scored."""

from __future__ import annotations

import datetime
import json
import math
from importlib import metadata
from pathlib import Path

import polars as pl
import torch

from barograph.core.forecast import ALPHAS
from barograph.core.section import OptimiserSection
from barograph.engines.forecasting.fit import COMBINATION, WalkForward
from barograph.evaluate.report.content import TRADING_DAYS, NextDay, PoolWeight, RunFacts
from barograph.evaluate.report.study_content import TrainingFact
from barograph.pipeline.workspace import storage, write_atomically
from barograph.train.device import CPU, device_of

PACKAGES = ("torch", "numpy", "scipy", "polars", "arch", "onnxruntime")
LEDGER = "barograph-scored.json"
"""Beside the runs: how often each confirmation block was scored."""


def gpu_of(train: OptimiserSection) -> str:
    """The GPU on which networks train, and its CUDA; empty where they train on the processor."""
    device = CPU if train.engine == "ray" else device_of(train.device)
    return "" if device == CPU else f"{torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}"


def versions(train: OptimiserSection) -> dict[str, str]:
    """Versions of the libraries that made the figures, and the GPU if one did."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    gpu = gpu_of(train)
    return {**found, "GPU": gpu} if gpu else found


def count_scoring(folder: Path, study: str, data: str) -> int:
    """Note that this study was scored on this data once more, and say how often that makes."""
    path = folder / LEDGER
    with storage(folder):
        counts = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    key = f"{study} {data[:16]}"
    counts[key] = int(counts.get(key, 0)) + 1
    write_atomically(path, json.dumps(counts, indent=1, sort_keys=True).encode())
    return int(counts[key])


def run_facts(
    run: WalkForward,
    train: OptimiserSection,
    *,
    champion: str,
    next_day: pl.DataFrame,
    seconds: float,
    peak: float,
    scored: int,
) -> RunFacts:
    """Facts for the report.

    Parameters
    ----------
    run : WalkForward
    train : OptimiserSection
    champion : str
    next_day : polars.DataFrame
        The bundle's forecast at the newest days.
    seconds, peak : float
        Wall clock, and peak resident memory in MiB, so far.
    scored : int
        How often the confirmation block has been scored, this run included.
    """
    return RunFacts(
        seconds=seconds,
        peak_memory_mib=peak,
        versions=versions(train),
        confirmation_scored=scored,
        training=tuple(_training(run)),
        pool_weights=tuple(_weights(run)),
        next_day=tuple(_next_day(next_day, champion)),
        limits=run.conventional.notes,
        made_on=datetime.date.today().isoformat(),
    )


def _training(run: WalkForward) -> list[TrainingFact]:
    return [
        TrainingFact(
            network=key,
            folds=len(item.outputs),
            seeds=len(item.outputs[0]),
            steps=sum(item.steps) / len(item.steps),
            seconds=item.seconds,
            parameters=item.parameters,
        )
        for key, item in run.deep.runs.items()
    ]


def _weights(run: WalkForward) -> list[PoolWeight]:
    return [
        PoolWeight(fold=number, horizon=horizon, model=model, weight=float(value.weights[row, column]))
        for number, value in enumerate(run.pools.get(COMBINATION, ()))
        for row, horizon in enumerate(run.out.samples.horizons)
        for column, model in enumerate(value.models)
    ]


def _next_day(forecasts: pl.DataFrame, champion: str) -> list[NextDay]:
    rows = forecasts.filter(pl.col("horizon") == pl.col("horizon").min()).iter_rows(named=True)
    return [
        NextDay(
            entity=row["entity"],
            origin=str(row["time"]),
            model=champion,
            volatility=row["volatility"] * math.sqrt(TRADING_DAYS / row["horizon"]),
            value_at_risk={alpha: row[f"var_{100 * (1 - alpha):g}"] for alpha in ALPHAS},
            expected_shortfall={alpha: row[f"es_{100 * (1 - alpha):g}"] for alpha in ALPHAS},
        )
        for row in rows
    ]
