"""The deep side: the linear control per fold, and the networks' members trained in stacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted import LogLinearParameters
from barograph.core.records import Samples
from barograph.core.seeds import seed_of
from barograph.core.study import Study, TrainSection
from barograph.engines.forecasting.inputs import FoldInputs, control_inputs, input_names, scored_inputs
from barograph.engines.forecasting.together import folds_together
from barograph.measures.log_linear import log_linear
from barograph.models.catalogue import CATALOGUE, NETWORKS
from barograph.models.linear import fit_log_linear
from barograph.prepare.columns import cross_section_names, marked
from barograph.train.loop import train_stack
from barograph.train.predict import predict_stack
from barograph.train.stack import Member, StackData, TrainedStack

RIDGE = 1e-3
"""Penalty of the control per standardised coefficient and row."""


def fit_control(samples: Samples, fold: FoldInputs) -> LogLinearParameters:
    """The linear control of a fold: a Gamma regression on all its training rows, the networks' own inputs."""
    rows = fold.rows.training
    inputs = control_inputs(samples, fold, rows)
    return fit_log_linear(inputs, samples.target[rows], names=input_names(samples), ridge=RIDGE)


def control_forecast(samples: Samples, fold: FoldInputs, control: LogLinearParameters) -> FloatArray:
    """The control's log variance on the fold's training, test and newest rows, NaN on all others."""
    out = np.full((samples.n, len(samples.horizons)), np.nan)
    for rows in (fold.rows.training, fold.rows.latest):
        out[rows] = log_linear(control, control_inputs(samples, fold, rows))
    out[fold.rows.test] = log_linear(control, scored_inputs(samples, fold))
    return out


@dataclass(frozen=True, slots=True, eq=False)
class StackTask:
    """Some folds of one network, all seeds: one stack."""

    network: str
    settings: dict[str, Any]
    head: str
    members: tuple[Member, ...]
    data: StackData
    rows: tuple[IntArray, ...]  # per member: where it must forecast
    train: TrainSection
    checkpoint: Path


@dataclass(frozen=True, slots=True, eq=False)
class StackOutcome:
    """A trained stack, and its raw outputs at the needed rows of each member."""

    trained: TrainedStack
    raw: list[FloatArray]  # per member [n_rows, n_horizons, n_outputs]


def train_task(task: StackTask) -> StackOutcome:
    """Train one stack and let it forecast."""
    trained = train_stack(
        task.network,
        task.settings,
        task.head,
        task.members,
        task.data,
        task.train,
        catalogue=CATALOGUE,
        checkpoint=task.checkpoint,
    )
    raw = predict_stack(trained, task.members, task.data, task.rows, catalogue=CATALOGUE)
    return StackOutcome(trained, [np.asarray(values, dtype=np.float64) for values in raw])


def stack_tasks(
    samples: Samples,
    folds: Sequence[FoldInputs],
    controls: Sequence[LogLinearParameters],
    study: Study,
    network: str,
    *,
    checkpoints: Path,
) -> list[StackTask]:
    """The stacks of one network: consecutive folds, all seeds of each."""
    tasks, shared = [], _shared_tables(samples)
    seeds, most = study.train.seeds, study.train.together
    for chunk in folds_together(network, len(folds), seeds=seeds, most=most):
        starts = [start_of(samples, folds[i], controls[i], network) for i in chunk]
        data = replace(
            shared,
            fold_inputs=np.stack([folds[i].conventional.astype(np.float32) for i in chunk]),
            offset=np.stack([start.astype(np.float32) for start in starts]),
        )
        members, rows = [], []
        for position, i in enumerate(chunk):
            for seed in range(seeds):
                members.append(_member(folds[i], position, seed_of(study.train.seed, network, i, seed)))
                rows.append(folds[i].rows.needed)
        tasks.append(
            StackTask(
                network,
                dict(study.model.settings.get(network, {})),
                study.model.head,
                tuple(members),
                data,
                tuple(rows),
                study.train,
                checkpoints / f"{network}-{chunk.start}",
            )
        )
    return tasks


def start_of(samples: Samples, fold: FoldInputs, control: LogLinearParameters, network: str) -> FloatArray:
    """The conventional log forecast at which a network starts: the linear control, or HAR."""
    if NETWORKS[network].start == "har":
        return fold.conventional[:, -len(samples.horizons) :]
    return control_forecast(samples, fold, control)


def _shared_tables(samples: Samples) -> StackData:
    """The tables that all stacks share, made once; what differs by fold is still empty."""
    nothing = np.empty((0, samples.n, 0), dtype=np.float32)
    panel = marked(samples.cross_section.days, cross_section_names(samples.entities)).astype(np.float32)
    return StackData(
        features=marked(samples.features, samples.feature_names).astype(np.float32),
        channels=marked(samples.channels, samples.channel_names).astype(np.float32),
        cross_section=panel[samples.cross_section.day],
        window=samples.window,
        fold_inputs=nothing,
        offset=nothing,
        target=samples.target.astype(np.float32),
        target_return=samples.target_return.astype(np.float32),
    )


def _member(fold: FoldInputs, position: int, seed: int) -> Member:
    return Member(
        fold=position,
        seed=seed,
        fit_rows=fold.rows.fit,
        validation_rows=fold.rows.validation,
        feature_mean=fold.features.parameters.mean,
        feature_scale=fold.features.parameters.scale,
        channel_mean=fold.channels.parameters.mean,
        channel_scale=fold.channels.parameters.scale,
        cross_mean=fold.cross_section.parameters.mean,
        cross_scale=fold.cross_section.parameters.scale,
        limit=fold.features.parameters.limit,
    )
