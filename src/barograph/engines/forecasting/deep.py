"""The networks of a run: stacks trained by the executor, taken apart into members, folds, ensembles."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.core.contracts import Memory, Progress
from barograph.core.fitted import LogLinearParameters
from barograph.core.records import Samples
from barograph.core.study import Study
from barograph.engines.forecasting import networks
from barograph.engines.forecasting.candidates import Candidate, scored_part
from barograph.engines.forecasting.inputs import FoldInputs
from barograph.engines.forecasting.networks import StackOutcome
from barograph.engines.forecasting.rows import FoldRows
from barograph.measures.heads import HeadOutput, interpret
from barograph.train.stack import TrainedStack


@dataclass(frozen=True, slots=True, eq=False)
class NetworkRun:
    """One network: its members' forecasts by fold and seed, and the stack that holds the refitted members."""

    key: str
    outputs: list[list[HeadOutput]]  # [fold][seed], on the fold's needed rows
    last: TrainedStack
    refitted: tuple[int, ...]  # positions of the refit's members in `last`
    steps: tuple[int, ...]  # optimiser steps of every member
    parameters: int  # weights of one member
    seconds: float  # wall clock of all its stacks

    def candidate(self) -> Candidate:
        """The ensemble: mean log variance of the seeds; standardised tails averaged where there are any."""
        return Candidate(
            self.key,
            [_mean([seed.log_variance for seed in fold]) for fold in self.outputs],
            _means([[seed.quantiles for seed in fold] for fold in self.outputs]),
            _means([[seed.shortfall for seed in fold] for fold in self.outputs]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class DeepRun:
    """All networks of a run."""

    runs: dict[str, NetworkRun]

    @property
    def candidates(self) -> dict[str, Candidate]:
        """The ensembles."""
        return {key: run.candidate() for key, run in self.runs.items()}

    def members(self, folds: Sequence[FoldRows], scored: IntArray) -> dict[str, FloatArray]:
        """Log variance of every seed on the scored rows, [n_seeds, n_scored, n_horizons]."""
        return {key: _seed_forecasts(run, folds, scored) for key, run in self.runs.items()}


def run_networks(
    samples: Samples,
    inputs: Sequence[FoldInputs],
    controls: Sequence[LogLinearParameters],
    study: Study,
    *,
    memory: Memory,
    progress: Progress,
    checkpoints: Path,
) -> DeepRun:
    """Train every network of the study on every fold and seed, the refit included."""
    runs = {}
    for network in study.model.networks:
        tasks = networks.stack_tasks(
            samples,
            inputs,
            controls,
            study,
            network,
            checkpoints=checkpoints,
        )
        progress.stage(network, len(tasks))
        began = time.perf_counter()
        outcomes = memory.run(
            network,
            networks.train_task,
            tasks,
            keys=[str(task.checkpoint.name) for task in tasks],
            pack=pack_stack,
            unpack=unpack_stack,
            on_done=progress.advance,
        )
        made = _assembled(samples, inputs, controls, study, network, outcomes)
        runs[network] = replace(made, seconds=time.perf_counter() - began)
    return DeepRun(runs)


def pack_stack(outcome: StackOutcome) -> tuple[dict[str, AnyArray], dict[str, Any]]:
    """A stack's weights and raw outputs for the workspace."""
    stack = np.frombuffer(outcome.trained.to_bytes(), np.uint8)
    return {"stack": stack} | {f"raw:{i}": values for i, values in enumerate(outcome.raw)}, {}


def unpack_stack(arrays: dict[str, AnyArray], facts: dict[str, Any]) -> StackOutcome:
    """The inverse of `pack_stack`."""
    raw = [arrays[f"raw:{i}"] for i in range(len(arrays) - 1)]
    return StackOutcome(TrainedStack.from_bytes(arrays["stack"].tobytes()), raw)


def _assembled(
    samples: Samples,
    inputs: Sequence[FoldInputs],
    controls: Sequence[LogLinearParameters],
    study: Study,
    network: str,
    outcomes: Sequence[StackOutcome],
) -> NetworkRun:
    seeds = study.train.seeds
    raw = [values for outcome in outcomes for values in outcome.raw]
    outputs = []
    for f, (fold, control) in enumerate(zip(inputs, controls, strict=True)):
        offset = networks.start_of(samples, fold, control, network)[fold.rows.needed]
        mine = raw[f * seeds : (f + 1) * seeds]
        outputs.append([interpret(study.model.head, values, offset=offset) for values in mine])
    last = outcomes[-1]
    n_last = len(last.raw)
    steps = tuple(one.steps for outcome in outcomes for one in outcome.trained.history)
    weights = sum(values[0].size for values in last.trained.weights.values())
    refitted = tuple(range(n_last - seeds, n_last))
    return NetworkRun(network, outputs, last.trained, refitted, steps, parameters=int(weights), seconds=0.0)


def _seed_forecasts(run: NetworkRun, folds: Sequence[FoldRows], scored: IntArray) -> FloatArray:
    seeds, n_horizons = len(run.outputs[0]), run.outputs[0][0].log_variance.shape[1]
    forecasts = np.full((seeds, scored.size, n_horizons), np.nan)
    for f, rows in enumerate(folds):
        place = np.searchsorted(scored, rows.test)
        for seed in range(seeds):
            forecasts[seed, place] = scored_part(run.outputs[f][seed].log_variance, rows)
    return forecasts


def _mean(parts: Sequence[FloatArray]) -> FloatArray:
    return np.asarray(np.mean(parts, axis=0))


def _means(folds: Sequence[Sequence[FloatArray | None]]) -> list[FloatArray] | None:
    known = [[part for part in fold if part is not None] for fold in folds]
    return [_mean(fold) for fold in known] if all(known) else None
