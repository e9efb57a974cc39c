"""The networks: corrections of conventional counts and severities, each fold's seeds trained as one stack."""

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
from barograph.core.ledger_study import LedgerStudy, LedgerTrainSection
from barograph.core.ledger_table import PARTS, LedgerPart, LedgerSamples, Part
from barograph.core.seeds import seed_of
from barograph.engines.forecasting.deep import pack_stack, unpack_stack
from barograph.engines.forecasting.ledgers.conventional import COUNT_START, SEVERITY_START, Conventional
from barograph.engines.forecasting.ledgers.inputs import PartScaling, network_inputs
from barograph.engines.forecasting.ledgers.plan import LedgerFold, PartRows
from barograph.engines.forecasting.networks import StackOutcome
from barograph.measures.losses.fitted import severity_of, weekly_mean
from barograph.measures.losses.heads import LEAST_DISPERSION
from barograph.measures.losses.warped import REACH, scores
from barograph.models.ledger_heads import LEDGER_CATALOGUE, SEVERITY
from barograph.prepare.ledgers import coming
from barograph.prepare.scaler import Scaler
from barograph.train.loop import train_stack
from barograph.train.record_data import RecordData, RecordMember, predict_records
from barograph.train.stack import TrainedStack

REFERENCE_ROWS = 32
"""Newest rows of each part kept in a bundle for its parity check."""


@dataclass(frozen=True, slots=True, eq=False)
class LedgerNetworkRun:
    """One network over all folds: raw outputs by part and fold, and the stacks of the refit."""

    key: str
    raw: dict[Part, list[FloatArray]]  # [fold] of [n_seeds, n_test, K]; the refit's at `reference`, coming
    refit: dict[Part, TrainedStack]
    scaling: dict[Part, PartScaling]  # of the refit
    steps: float  # optimiser steps of a member, mean
    parameters: int  # weights of a member, both parts
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class LedgerStackTask:
    """The seeds of one network, part and fold."""

    network: str
    settings: dict[str, Any]
    head: str
    members: tuple[RecordMember, ...]
    data: RecordData
    rows: IntArray
    train: LedgerTrainSection
    checkpoint: Path


def train_ledger_task(task: LedgerStackTask) -> StackOutcome:
    """Train the stack and let every member answer at the rows."""
    trained = train_stack(
        task.network, task.settings, task.head, task.members, task.data, task.train,
        catalogue=LEDGER_CATALOGUE, checkpoint=task.checkpoint,
    )  # fmt: skip
    raw = predict_records(trained, task.data, task.rows, catalogue=LEDGER_CATALOGUE)
    return StackOutcome(trained, [np.asarray(values[:, 0], dtype=np.float64) for values in raw])


def run_ledger_network(
    network: str,
    samples: LedgerSamples,
    folds: Sequence[LedgerFold],
    fits: Sequence[Conventional],
    study: LedgerStudy,
    *,
    memory: Memory,
    progress: Progress,
    checkpoints: Path,
) -> LedgerNetworkRun:
    """Train one network on both parts of every fold, the refit included, and let it answer."""
    began = time.perf_counter()
    places = [(name, number) for name in PARTS for number in range(len(folds))]
    scaled = {name: scaling_of(samples.part(name), folds[-1], name, study) for name in PARTS}
    tasks = [
        _task(network, samples, name, fold=folds[number], fit=fits[number], study=study, folder=checkpoints)
        for name, number in places
    ]
    progress.stage(network, len(tasks))
    outcomes = memory.run(
        network, train_ledger_task, tasks, keys=[f"{name}-{number}" for name, number in places],
        pack=pack_stack, unpack=unpack_stack, on_done=progress.advance,
    )  # fmt: skip
    found = dict(zip(places, outcomes, strict=True))
    last = {name: found[name, len(folds) - 1].trained for name in PARTS}
    raw = {name: [np.stack(found[name, number].raw) for number in range(len(folds))] for name in PARTS}
    return LedgerNetworkRun(
        key=network,
        raw=raw,
        refit=last,
        scaling=scaled,
        steps=float(np.mean([one.steps for outcome in outcomes for one in outcome.trained.history])),
        parameters=sum(int(w[0].size) for stack in last.values() for w in stack.weights.values()),
        seconds=time.perf_counter() - began,
    )


def scaling_of(part: LedgerPart, fold: LedgerFold, name: Part, study: LedgerStudy) -> PartScaling:
    """Standardisation fitted on a fold's training rows; of sequences, on each row's newest step."""
    rows = fold.parts[name].training
    times, until = part.time[rows], fold.cut - 1
    scaler = Scaler(limit=study.prepare.limit)
    channels = tuple(f"channel_{i}" for i in range(part.sequence.shape[2]))
    newest = part.sequence[rows, -1]
    return PartScaling(
        _fitted(scaler, part.inputs[rows], part.names, times, until),
        _fitted(scaler, newest, channels, times, until),
    )


def _fitted(
    scaler: Scaler, matrix: FloatArray, names: tuple[str, ...], times: Any, until: np.datetime64
) -> ScalerParameters:
    return scaler.fit(matrix, names, times=times, until=until).parameters


def reference_rows(part: LedgerPart) -> IntArray:
    """The newest rows, at which a bundle's graphs are checked."""
    return np.arange(max(0, part.n - REFERENCE_ROWS), part.n)


def with_coming(samples: LedgerSamples, name: Part, study: LedgerStudy) -> LedgerPart:
    """The part with the rows that are yet to come after it."""
    part, ahead = samples.part(name), coming(samples.ledger, study.prepare)[PARTS.index(name)]
    return LedgerPart(
        np.concatenate([part.time, ahead.time]),
        np.concatenate([part.outcome, ahead.outcome]),
        np.concatenate([part.calendar, ahead.calendar]),
        np.concatenate([part.inputs, ahead.inputs]),
        part.names,
        np.concatenate([part.sequence, ahead.sequence]),
    )


def _task(
    network: str,
    samples: LedgerSamples,
    name: Part,
    *,
    fold: LedgerFold,
    fit: Conventional,
    study: LedgerStudy,
    folder: Path,
) -> LedgerStackTask:
    part, rows = samples.part(name), fold.parts[name]
    asked = rows.test
    if not fold.year:
        whole = with_coming(samples, name, study)
        asked = np.concatenate([reference_rows(part), np.arange(part.n, whole.n)])
        part = whole
    scaling = scaling_of(part, fold, name, study)
    return LedgerStackTask(
        network,
        dict(study.model.settings.get(network, {})),
        study.model.head if name == "counts" else SEVERITY,
        tuple(_member(study, rows, network, name, fold.number, seed) for seed in range(study.train.seeds)),
        _data(part, name, scaling, fit),
        asked,
        study.train,
        folder / f"{network}-{name}-{fold.number}",
    )


def _member(
    study: LedgerStudy, rows: PartRows, network: str, name: Part, fold: int, number: int
) -> RecordMember:
    seed = seed_of(study.train.seed, network, name, fold, number)
    return RecordMember(seed, rows.fit, rows.validation)


def _data(part: LedgerPart, name: Part, scaling: PartScaling, fit: Conventional) -> RecordData:
    """A fold's inputs, its conventional start, and the outcome in the form its head reads."""
    inputs = network_inputs(scaling, part)
    known = np.isfinite(part.outcome)
    if name == "counts":
        found = fit.counts[COUNT_START]
        mean = weekly_mean(found, part.calendar)
        spread = np.full(part.n, np.log(max(found.dispersion, LEAST_DISPERSION)))
        offset = np.column_stack([np.log(mean), spread])
        target = np.column_stack([np.where(known, part.outcome, 0.0), np.zeros(part.n)])
    else:
        base = severity_of(fit.severities[SEVERITY_START])
        z = np.clip(scores(base, np.where(known, part.outcome, 1.0)), -2.0 * REACH, 2.0 * REACH)
        offset, target = np.zeros((part.n, 1)), z[:, None]
    return RecordData(
        features=inputs["features"].astype(np.float32),
        sequence=inputs["sequence"].astype(np.float32),
        offset=offset.astype(np.float32),
        target=target.astype(np.float32),
        weight=np.broadcast_to(known[:, None], target.shape).astype(np.float32),
    )
