"""The networks: corrections of a conventional forecast, pooled over series and horizons."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.contracts import Memory, Progress
from barograph.core.fitted import ScalerParameters
from barograph.core.panel_study import PanelStudy, PanelTrainSection
from barograph.core.panel_table import PanelForecast, PanelSamples
from barograph.core.seeds import seed_of
from barograph.engines.forecasting.deep import pack_stack, unpack_stack
from barograph.engines.forecasting.networks import StackOutcome
from barograph.engines.forecasting.panels.plan import PanelFold, PanelPlan
from barograph.engines.forecasting.panels.serving import by_origin, rows_at
from barograph.engines.forecasting.together import folds_together
from barograph.measures.heads import shift_and_scale
from barograph.models.level_heads import LEVEL_CATALOGUE
from barograph.prepare.scaler import fit_scaler
from barograph.train.loop import train_stack
from barograph.train.predict import predict_stack
from barograph.train.stack import Member, StackData, TrainedStack

REFERENCE_ORIGINS = 8
"""Newest origins kept in a bundle for its parity check."""


@dataclass(frozen=True, slots=True, eq=False)
class Scalings:
    """Standardisation of the three tables of networks, fitted on a fold's training rows."""

    features: ScalerParameters
    channels: ScalerParameters
    cross_section: ScalerParameters


@dataclass(frozen=True, slots=True, eq=False)
class PanelNetworkRun:
    """One network over all folds: what every seed said, and the members of the refit."""

    key: str
    shift: FloatArray  # [n_seeds, T, E, H] in deviations of the start; NaN where it was not asked
    log_scale: FloatArray  # [n_seeds, T, E, H]
    first: TrainedStack  # the members of the first fold
    refit: TrainedStack
    reference: FloatArray  # [n_seeds, n_reference * E, H, K] the refit's raw outputs, series after series
    steps: float  # optimiser steps of a member, mean
    parameters: int
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class PanelStackTask:
    """Some members of one network: a stack."""

    network: str
    settings: dict[str, Any]
    head: str
    members: tuple[Member, ...]
    data: StackData
    rows: tuple[IntArray, ...]
    train: PanelTrainSection
    checkpoint: Path


def train_panel_task(task: PanelStackTask) -> StackOutcome:
    """Train the stack and let every member answer at its rows."""
    trained = train_stack(
        task.network,
        task.settings,
        task.head,
        task.members,
        task.data,
        task.train,
        catalogue=LEVEL_CATALOGUE,
        checkpoint=task.checkpoint,
    )
    raw = predict_stack(trained, task.members, task.data, task.rows, catalogue=LEVEL_CATALOGUE)
    return StackOutcome(trained, [np.asarray(values, dtype=np.float64) for values in raw])


def scalings(samples: PanelSamples, fold: PanelFold, limit: float) -> Scalings:
    """Fitted on the rows a fold's networks learn from, validation included."""
    rows = np.concatenate([fold.fit, fold.validation])
    times = samples.time[rows % samples.time.size]
    until = samples.time[fold.cut]
    found = [
        fit_scaler(table[rows], names, times=times, until=until, limit=limit)
        for table, names in (
            (samples.features, samples.feature_names),
            (samples.channels, samples.channel_names),
            (samples.cross_section, samples.cross_names),
        )
    ]
    return Scalings(*found)


def run_panel_network(
    network: str,
    samples: PanelSamples,
    plan: PanelPlan,
    fitted: Sequence[Scalings],
    start: PanelForecast,
    study: PanelStudy,
    *,
    memory: Memory,
    progress: Progress,
    checkpoints: Path,
) -> PanelNetworkRun:
    """Train one network on every fold and seed, the refit included, and let it forecast."""
    began, seeds = time.perf_counter(), study.train.seeds
    asked = [*(fold.test for fold in plan.tests), reference_origins(samples)]
    rows = [rows_at(samples, origins) for origins in asked]
    tasks = _tasks(network, samples, plan, fitted, rows, start, study, checkpoints)
    progress.stage(network, len(tasks))
    outcomes = memory.run(
        network, train_panel_task, tasks, keys=[task.checkpoint.name for task in tasks],
        pack=pack_stack, unpack=unpack_stack, on_done=progress.advance,
    )  # fmt: skip
    raw = [values for outcome in outcomes for values in outcome.raw]
    shift, log_scale = _spoken(samples, plan, raw, seeds)
    trained = outcomes[-1].trained
    every = [one.steps for outcome in outcomes for one in outcome.trained.history]
    return PanelNetworkRun(
        network,
        shift,
        log_scale,
        outcomes[0].trained.take(range(seeds)),
        trained.take(range(trained.shape.n_members - seeds, trained.shape.n_members)),
        reference=np.stack(raw[-seeds:]),
        steps=float(np.mean(every)),
        parameters=int(sum(values[0].size for values in trained.weights.values())),
        seconds=time.perf_counter() - began,
    )


def _spoken(
    samples: PanelSamples, plan: PanelPlan, raw: Sequence[FloatArray], seeds: int
) -> tuple[FloatArray, FloatArray]:
    """Shift and log scale of every seed at the origins of the plan, ``[n_seeds, T, E, H]``; NaN elsewhere."""
    shape = (seeds, *samples.shape)
    shift, log_scale = np.full(shape, np.nan), np.full(shape, np.nan)
    for number, fold in enumerate(plan.tests):
        for seed in range(seeds):
            moved, scale = shift_and_scale(raw[number * seeds + seed])
            shift[seed, fold.test] = by_origin(samples, moved)
            log_scale[seed, fold.test] = np.log(by_origin(samples, scale))
    return shift, log_scale


def reference_origins(samples: PanelSamples) -> IntArray:
    """The newest origins, at which a bundle's graphs are checked; the last one is the newest."""
    return np.arange(max(samples.window - 1, samples.time.size - REFERENCE_ORIGINS), samples.time.size)


def _tasks(
    network: str,
    samples: PanelSamples,
    plan: PanelPlan,
    fitted: Sequence[Scalings],
    rows: Sequence[IntArray],
    start: PanelForecast,
    study: PanelStudy,
    checkpoints: Path,
) -> list[PanelStackTask]:
    """The stacks of one network: consecutive folds, all seeds of each."""
    data, seeds = _stack_data(samples, start), study.train.seeds
    tasks, most = [], study.train.together
    for chunk in folds_together(network, len(plan.folds), seeds=seeds, most=most):
        members = tuple(
            _member(plan.folds[f], fitted[f], seed_of(study.train.seed, network, f, seed))
            for f in chunk
            for seed in range(seeds)
        )
        tasks.append(
            PanelStackTask(
                network,
                dict(study.model.settings.get(network, {})),
                study.model.head,
                members,
                data,
                tuple(rows[f] for f in chunk for _ in range(seeds)),
                study.train,
                checkpoints / f"{network}-panels-{chunk.start}",
            )
        )
    return tasks


def _stack_data(samples: PanelSamples, start: PanelForecast) -> StackData:
    """Targets are errors of the start; rows are those of the networks' tables."""
    error = _flat(samples.outcome - start.mean)
    return StackData(
        features=samples.features.astype(np.float32),
        channels=samples.channels.astype(np.float32),
        cross_section=samples.cross_section.astype(np.float32),
        window=samples.window,
        fold_inputs=np.empty((1, error.shape[0], 0), np.float32),
        offset=(2.0 * np.log(_flat(start.deviation)))[None].astype(np.float32),
        target=np.zeros(error.shape, np.float32),
        target_return=error.astype(np.float32),
    )


def _flat(values: FloatArray) -> FloatArray:
    """``[T, E, H]`` as rows of the networks' tables."""
    return values.transpose(1, 0, 2).reshape(-1, values.shape[2])


def _member(fold: PanelFold, scaling: Scalings, seed: int) -> Member:
    return Member(
        fold=0,
        seed=seed,
        fit_rows=fold.fit,
        validation_rows=fold.validation,
        feature_mean=scaling.features.mean,
        feature_scale=scaling.features.scale,
        channel_mean=scaling.channels.mean,
        channel_scale=scaling.channels.scale,
        cross_mean=scaling.cross_section.mean,
        cross_scale=scaling.cross_section.scale,
        limit=scaling.features.limit,
    )
