"""The level branch, fit side: samples in; every candidate's forecasts and the refitted parts out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.contracts import Memory, Progress
from barograph.core.errors import DataError
from barograph.core.level_study import LevelStudy
from barograph.core.level_table import Gaussians, LevelRecord, LevelSamples
from barograph.engines.forecasting.levels.deep import (
    LevelNetworkRun,
    Scalings,
    averaged,
    run_level_network,
    scalings,
)
from barograph.engines.forecasting.levels.plan import LevelFold, planned_folds
from barograph.engines.forecasting.levels.realtime import Path, through_time
from barograph.measures.scores import crps_normal
from barograph.models.baselines.levels import LINEAR, level_baseline

COMBINATION, LINEAR_COMBINATION = "combination", "linear_combination"


@dataclass(frozen=True, slots=True, eq=False)
class LevelRun:
    """Everything a run has fitted."""

    record: LevelRecord
    folds: tuple[LevelFold, ...]  # scored folds, then the refit
    paths: dict[str, Path]  # the control and every baseline
    networks: dict[str, LevelNetworkRun]
    best: IntArray  # [n, H] position in `record.baselines` of the best baseline so far, -1 for none
    newest: dict[str, Gaussians]  # candidate -> [1, H] at the last origin
    scaling: Scalings  # of the refit
    seconds: dict[str, float]


def level_walk_forward(
    samples: LevelSamples, study: LevelStudy, *, memory: Memory, progress: Progress, checkpoints: FilePath
) -> LevelRun:
    """Fit and forecast every candidate through time.

    Linear models are refitted at every origin (`realtime`), networks at the plan's folds. The combination is
    the mean, quantile by quantile, of the networks' ensemble and the baseline with the smallest CRPS among
    the errors known at the origin.
    """
    began = time.perf_counter()
    folds = planned_folds(samples, study)
    keys = (LINEAR, *study.model.baselines)
    progress.stage("baselines", len(keys))
    paths = {}
    for key in keys:
        paths[key] = through_time(level_baseline(key), samples, study.train, limit=study.prepare.limit)
        progress.advance()
    _check_stated(samples, paths, folds[0].cut)
    linear_done = time.perf_counter()
    networks = {}
    progress.stage("networks", len(study.model.networks))
    for key in study.model.networks:
        networks[key] = run_level_network(
            key, samples, folds, paths[LINEAR].forecasts, study, memory=memory, checkpoints=checkpoints
        )
        progress.advance()
    deep_done = time.perf_counter()
    best = best_so_far(samples, [paths[key].forecasts for key in study.model.baselines])
    rows = np.arange(folds[0].cut, samples.n)
    every = _candidates(samples, study, folds, paths, networks, best)
    scored = {key: forecast.take(rows - folds[0].cut) for key, forecast in every.items()}
    last = np.array([rows.size])
    return LevelRun(
        record=_record(samples, study, folds, rows, scored, networks),
        folds=folds,
        paths=paths,
        networks=networks,
        best=best,
        newest={key: forecast.take(last) for key, forecast in every.items()},
        scaling=scalings(samples, folds[-1], study.prepare.limit),
        seconds={"baselines": linear_done - began, "networks": deep_done - linear_done},
    )


def best_so_far(samples: LevelSamples, forecasts: Sequence[Gaussians]) -> IntArray:
    """At each origin and horizon the baseline with the smallest mean CRPS among errors known there, [n, H].

    Baselines are compared on the origins at which all of them stated a density; before there are any, the
    first one counts as the best.
    """
    losses = np.stack([crps_normal(samples.outcome, one.mean, one.deviation) for one in forecasts])
    losses = np.where(np.isfinite(losses).all(axis=0), losses, np.nan)
    best = np.zeros(samples.outcome.shape, dtype=np.int64)
    for origin in range(samples.n):
        known = np.isfinite(samples.known_by(origin)) & np.isfinite(losses[0])
        sums = np.where(known, losses, 0.0).sum(axis=1)
        best[origin] = sums.argmin(axis=0)
    return best


def _check_stated(samples: LevelSamples, paths: Mapping[str, Path], first: int) -> None:
    for key, path in paths.items():
        if not np.isfinite(path.forecasts.deviation[first:]).all():
            raise DataError(
                f"'{key}' needs past errors of its own before it can state a density",
                came=f"it has too few at {samples.time[first]}",
                do="Set evaluate.test_since later, give more history, or lower train.least_errors",
            )


def _candidates(
    samples: LevelSamples,
    study: LevelStudy,
    folds: Sequence[LevelFold],
    paths: Mapping[str, Path],
    networks: Mapping[str, LevelNetworkRun],
    best: IntArray,
) -> dict[str, Gaussians]:
    """Every candidate at every origin from the first scored one, and once more at the last (the refit)."""
    rows = np.array([*range(folds[0].cut, samples.n), samples.n - 1])
    linear = {key: path.forecasts.take(rows) for key, path in paths.items()}
    deep = {
        key: _stacked([run.ensemble(place) for place in range(len(folds))]) for key, run in networks.items()
    }
    rival = _picked([linear[key] for key in study.model.baselines], best[rows])
    combinations = {}
    if deep:
        combinations[COMBINATION] = averaged([averaged(list(deep.values())), rival])
    combinations[LINEAR_COMBINATION] = averaged([linear[LINEAR], rival])
    baselines = {key: linear[key] for key in study.model.baselines}
    return {**combinations, **deep, LINEAR: linear[LINEAR], **baselines}


def _stacked(parts: Sequence[Gaussians]) -> Gaussians:
    return Gaussians(
        np.concatenate([part.mean for part in parts]), np.concatenate([part.deviation for part in parts])
    )


def _picked(parts: Sequence[Gaussians], best: IntArray) -> Gaussians:
    """The forecast of the best baseline of each row and horizon."""

    def pick(values: list[FloatArray]) -> FloatArray:
        return np.asarray(np.take_along_axis(np.stack(values), best[None], axis=0)[0])

    return Gaussians(pick([part.mean for part in parts]), pick([part.deviation for part in parts]))


def _record(
    samples: LevelSamples,
    study: LevelStudy,
    folds: Sequence[LevelFold],
    rows: IntArray,
    scored: dict[str, Gaussians],
    networks: Mapping[str, LevelNetworkRun],
) -> LevelRecord:
    tests = folds[:-1]
    members = {
        key: _stacked(
            [_stacked([run.members[f][seed] for f in range(len(tests))]) for seed in range(study.train.seeds)]
        )
        for key, run in networks.items()
    }
    return LevelRecord(
        samples=samples,
        rows=rows.astype(np.int64),
        fold=np.concatenate([np.full(fold.test.size, fold.number) for fold in tests]),
        forecasts=scored,
        members=members,
        controls=(LINEAR, LINEAR_COMBINATION),
        baselines=study.model.baselines,
        networks=tuple(networks),
        combinations=(COMBINATION,) if networks else (),
    )
