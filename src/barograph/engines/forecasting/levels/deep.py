"""The networks: corrections of the linear control, all folds and seeds trained as one stack."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.contracts import Memory
from barograph.core.fitted import ScalerParameters
from barograph.core.level_study import LevelStudy, LevelTrainSection
from barograph.core.level_table import Gaussians, LevelSamples
from barograph.core.seeds import seed_of
from barograph.engines.forecasting.deep import pack_stack, unpack_stack
from barograph.engines.forecasting.levels.plan import LevelFold
from barograph.engines.forecasting.networks import StackOutcome
from barograph.measures import heads
from barograph.models.level_heads import GAUSSIAN, LEVEL_CATALOGUE
from barograph.prepare.scaler import Scaler
from barograph.train.loop import train_stack
from barograph.train.predict import predict_stack
from barograph.train.stack import Member, StackData, TrainedStack

REFERENCE_ROWS = 32
"""Origins kept in a bundle for its parity check."""


@dataclass(frozen=True, slots=True, eq=False)
class Scalings:
    """Standardisation of features and channels, fitted on a fold's training rows."""

    features: ScalerParameters
    channels: ScalerParameters


@dataclass(frozen=True, slots=True, eq=False)
class LevelNetworkRun:
    """One network over all folds: every seed's forecasts, and the members of the refit."""

    key: str
    members: list[list[Gaussians]]  # [fold][seed] at the fold's test rows; the refit's at the last origin
    refit: TrainedStack
    reference: FloatArray  # [n_seeds, n_reference, H, 2] the refit's raw outputs at `reference_rows`
    steps: float  # optimiser steps of a member, mean
    parameters: int
    seconds: float

    def ensemble(self, fold: int) -> Gaussians:
        """Mean of the seeds' means, mean of their deviations (quantiles averaged, as all are normal)."""
        return averaged(self.members[fold])


def averaged(parts: Sequence[Gaussians]) -> Gaussians:
    """The normal whose quantiles are the means of the parts' quantiles (Lichtendahl et al. 2013)."""
    return Gaussians(
        np.mean([part.mean for part in parts], axis=0), np.mean([part.deviation for part in parts], axis=0)
    )


@dataclass(frozen=True, slots=True, eq=False)
class LevelStackTask:
    """All members of one network."""

    network: str
    settings: dict[str, Any]
    members: tuple[Member, ...]
    data: StackData
    rows: tuple[IntArray, ...]
    train: LevelTrainSection
    checkpoint: FilePath


def train_level_task(task: LevelStackTask) -> StackOutcome:
    """Train the stack and let every member answer at its rows."""
    trained = train_stack(
        task.network,
        task.settings,
        GAUSSIAN,
        task.members,
        task.data,
        task.train,
        catalogue=LEVEL_CATALOGUE,
        checkpoint=task.checkpoint,
    )
    raw = predict_stack(trained, task.members, task.data, task.rows, catalogue=LEVEL_CATALOGUE)
    return StackOutcome(trained, [np.asarray(values, dtype=np.float64) for values in raw])


def scalings(samples: LevelSamples, fold: LevelFold, limit: float) -> Scalings:
    """Fitted on the rows a fold's networks learn from, validation included."""
    rows = np.concatenate([fold.fit, fold.validation])
    times, until = samples.time[rows], samples.time[fold.cut]
    scaler = Scaler(limit=limit)
    channels = tuple(f"channel_{i}" for i in range(samples.channels.shape[1]))
    return Scalings(
        scaler.fit(samples.inputs[rows], samples.names, times=times, until=until).parameters,
        scaler.fit(samples.channels[rows], channels, times=times, until=until).parameters,
    )


def run_level_network(
    network: str,
    samples: LevelSamples,
    folds: Sequence[LevelFold],
    control: Gaussians,
    study: LevelStudy,
    *,
    memory: Memory,
    checkpoints: FilePath,
) -> LevelNetworkRun:
    """Train one network on every fold and seed, the refit included, and let it forecast."""
    began, seeds = time.perf_counter(), study.train.seeds
    rows = [*(fold.test for fold in folds[:-1]), reference_rows(samples)]
    start = _started(control)
    task = LevelStackTask(
        network,
        dict(study.model.settings.get(network, {})),
        tuple(_member(samples, fold, study, network, seed) for fold in folds for seed in range(seeds)),
        _stack_data(samples, start),
        tuple(each for each in rows for _ in range(seeds)),
        study.train,
        checkpoints / f"{network}-levels",
    )
    (outcome,) = memory.run(
        network, train_level_task, [task], keys=["all"], pack=pack_stack, unpack=unpack_stack,
        on_done=lambda: None,
    )  # fmt: skip
    raw = [outcome.raw[f * seeds : (f + 1) * seeds] for f in range(len(folds))]
    tests = [[corrected(start.take(each), x) for x in found] for each, found in zip(rows, raw, strict=True)]
    newest = [one.take(np.array([-1])) for one in tests[-1]]
    trained = outcome.trained
    last = range(trained.shape.n_members - seeds, trained.shape.n_members)
    return LevelNetworkRun(
        network,
        [*tests[:-1], newest],
        trained.take(last),
        reference=np.stack(raw[-1]),
        steps=float(np.mean([one.steps for one in trained.history])),
        parameters=int(sum(values[0].size for values in trained.weights.values())),
        seconds=time.perf_counter() - began,
    )


def reference_rows(samples: LevelSamples) -> IntArray:
    """The newest origins, at which a bundle's graphs are checked; the last one is the newest."""
    return np.arange(max(samples.first, samples.n - REFERENCE_ROWS), samples.n)


def corrected(start: Gaussians, raw: FloatArray) -> Gaussians:
    """The conventional normal, shifted and scaled as a network's raw outputs ``[n, H, 2]`` say."""
    shift, scale = heads.gaussian(raw)
    return Gaussians(start.mean + shift * start.deviation, start.deviation * scale)


def _started(control: Gaussians) -> Gaussians:
    """The control with its first stated deviation carried back to the origins before it.

    Only training rows lie there, and no scored origin: it was known before each fold's cut.
    """
    deviation = control.deviation.copy()
    for horizon in range(deviation.shape[1]):
        stated = np.flatnonzero(np.isfinite(deviation[:, horizon]))
        if stated.size:
            deviation[: stated[0], horizon] = deviation[stated[0], horizon]
    return Gaussians(control.mean, deviation)


def _stack_data(samples: LevelSamples, start: Gaussians) -> StackData:
    error = samples.outcome - start.mean
    return StackData(
        features=samples.inputs.astype(np.float32),
        channels=samples.channels.astype(np.float32),
        cross_section=np.empty((samples.n, 0), np.float32),
        window=samples.window,
        fold_inputs=np.empty((1, samples.n, 0), np.float32),
        offset=(2.0 * np.log(start.deviation))[None].astype(np.float32),
        target=np.zeros(error.shape, np.float32),
        target_return=error.astype(np.float32),
    )


def _member(samples: LevelSamples, fold: LevelFold, study: LevelStudy, network: str, number: int) -> Member:
    scaling = scalings(samples, fold, study.prepare.limit)
    nothing = np.empty(0)
    return Member(
        fold=0,
        seed=seed_of(study.train.seed, network, fold.number, number),
        fit_rows=fold.fit,
        validation_rows=fold.validation,
        feature_mean=scaling.features.mean,
        feature_scale=scaling.features.scale,
        channel_mean=scaling.channels.mean,
        channel_scale=scaling.channels.scale,
        cross_mean=nothing,
        cross_scale=nothing,
        limit=scaling.features.limit,
    )
