"""The forecasting engine, fit side: samples in; an out-of-sample record and the refitted parts out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.contracts import Memory, Progress
from barograph.core.fitted import LogLinearParameters, PoolParameters
from barograph.core.forecast import OutOfSample
from barograph.core.records import Samples
from barograph.core.study import Study
from barograph.engines.forecasting import candidates, conventional, networks
from barograph.engines.forecasting.candidates import Candidate
from barograph.engines.forecasting.conventional import Conventional
from barograph.engines.forecasting.deep import DeepRun, run_networks
from barograph.engines.forecasting.distributions import TailPlan, Wrapped, baseline_distribution, wrapped
from barograph.engines.forecasting.inputs import FoldInputs, fold_inputs
from barograph.engines.forecasting.rows import FoldRows, planned_rows
from barograph.evaluate import plan
from barograph.models.baselines.catalogue import BASELINES

CONTROL, COMBINATION, CONTROL_COMBINATION = "linear", "combination", "linear_combination"


@dataclass(frozen=True, slots=True, eq=False)
class WalkForward:
    """Everything a run has fitted: the scored record, and the parts fitted on all data (the last fold)."""

    out: OutOfSample
    folds: tuple[FoldRows, ...]  # scored folds, then the refit
    inputs: tuple[FoldInputs, ...]
    conventional: Conventional
    controls: tuple[LogLinearParameters, ...]
    deep: DeepRun
    pools: dict[str, list[PoolParameters]]  # combination -> one per fold, the refit included
    candidates: dict[str, Candidate]  # forecasts of variance by fold; a baseline's under its own name
    wrapped: dict[str, Wrapped]  # the same candidates' distributions before and after calibration
    seconds: dict[str, float]


def walk_forward(
    samples: Samples,
    study: Study,
    *,
    memory: Memory,
    progress: Progress,
    checkpoints: Path,
    least_days: int = plan.LEAST_DAYS,
) -> WalkForward:
    """Fit and forecast every candidate through time.

    Parameters
    ----------
    samples : Samples
    study : Study
    memory : Memory
        Runs the tasks and keeps their outcomes, so that a resumed run skips what is done.
    progress : Progress
    checkpoints : Path
        Where stacks in training keep their state.
    least_days : int
        Days per entity that must be scored.

    Returns
    -------
    WalkForward
    """
    clock = _Clock()
    rows = planned_rows(samples, study, least_days=least_days)
    fitted = _fit_baselines(samples, rows, study, memory, progress)
    clock.lap("baselines")
    inputs = [fold_inputs(samples, fold, fitted, limit=study.prepare.limit) for fold in rows]
    controls = _fit_controls(samples, inputs, progress)
    clock.lap("control")
    deep = run_networks(
        samples, inputs, controls, study, memory=memory, progress=progress, checkpoints=checkpoints
    )
    clock.lap("networks")
    variances = _variances(samples, inputs, controls, fitted, deep, study)
    pools = _combine(samples, rows, variances)
    named = _named(variances, pools, study)
    calibrated = _wrapped(samples, rows, study, fitted, named)
    out = _record(samples, rows, study, calibrated, deep)
    clock.lap("tails")
    return WalkForward(
        out=out,
        folds=tuple(rows),
        inputs=tuple(inputs),
        conventional=fitted,
        controls=tuple(controls),
        deep=deep,
        pools={name: pooled.parameters for name, pooled in pools.items()},
        candidates=named,
        wrapped=calibrated,
        seconds=clock.laps,
    )


class _Clock:
    """Seconds per stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name], self._last = now - self._last, now


def _fit_baselines(
    samples: Samples, rows: list[FoldRows], study: Study, memory: Memory, progress: Progress
) -> Conventional:
    keys = conventional.variance_keys(study.model.baselines)
    folds = [fold.fold for fold in rows]
    dates = plan.refit_days(samples, folds, every=study.train.baseline_refit_every)
    tasks, cuts = conventional.tasks_for(samples, dates, keys, least_rows=study.train.join_days)
    progress.stage("baselines", len(tasks))
    outcomes = memory.run(
        "baseline",
        conventional.fit_task,
        tasks,
        keys=[f"{task.key}-{i}-{task.cuts}" for i, task in enumerate(tasks)],
        pack=conventional.pack_refits,
        unpack=conventional.unpack_refits,
        on_done=progress.advance,
    )
    n = len(samples.entities)
    fitted = {key: [one.values for one in outcomes[i * n : (i + 1) * n]] for i, key in enumerate(keys)}
    notes = tuple(note for one in outcomes for note in one.notes)
    return Conventional(samples, dates, cuts, fitted, notes)


def _fit_controls(
    samples: Samples, inputs: list[FoldInputs], progress: Progress
) -> list[LogLinearParameters]:
    """In this process: handing the rows to a pool costs more than the fits."""
    progress.stage("control", len(inputs))
    fitted = []
    for fold in inputs:
        fitted.append(networks.fit_control(samples, fold))
        progress.advance()
    return fitted


@dataclass(frozen=True, slots=True, eq=False)
class _Variances:
    control: Candidate
    networks: dict[str, Candidate]
    baselines: dict[str, Candidate]  # distinct variance models


def _variances(
    samples: Samples,
    inputs: list[FoldInputs],
    controls: list[LogLinearParameters],
    fitted: Conventional,
    deep: DeepRun,
    study: Study,
) -> _Variances:
    control = [
        networks.control_forecast(samples, fold, value)[fold.rows.needed]
        for fold, value in zip(inputs, controls, strict=True)
    ]
    keys = dict.fromkeys(BASELINES[key].variance for key in study.model.baselines)
    made = {key: _baseline_candidate(key, fitted, [fold.rows for fold in inputs]) for key in keys}
    return _Variances(Candidate(CONTROL, control), deep.candidates, made)


def _baseline_candidate(key: str, fitted: Conventional, rows: list[FoldRows]) -> Candidate:
    """Tail rows with the parameters of the fold's cut, test rows with the latest refit before each."""
    latest = fitted.refitted(key)
    parts = [
        np.concatenate([at_cut[fold.tail], latest[fold.test], at_cut[fold.latest]])
        for fold in rows
        for at_cut in (fitted.with_cut(key, fold.fold.cut),)
    ]
    return Candidate(key, parts)


def _combine(samples: Samples, rows: list[FoldRows], made: _Variances) -> dict[str, candidates.Pooled]:
    def pooled(deep: Candidate, name: str) -> candidates.Pooled:
        return candidates.combine(samples, rows, deep, made.baselines, name=name)

    pools = {}
    if made.networks:
        mean = candidates.mean_of(candidates.NETWORKS_PART, list(made.networks.values()))
        pools[COMBINATION] = pooled(mean, COMBINATION)
    return pools | {CONTROL_COMBINATION: pooled(made.control, CONTROL_COMBINATION)}


def _named(made: _Variances, pools: Mapping[str, candidates.Pooled], study: Study) -> dict[str, Candidate]:
    """Every candidate in the order of the tables: combinations and networks, controls, baselines."""
    return {
        **{name: pooled.candidate for name, pooled in pools.items()},
        **made.networks,
        CONTROL: made.control,
        **{key: made.baselines[BASELINES[key].variance] for key in study.model.baselines},
    }


def _wrapped(
    samples: Samples, rows: list[FoldRows], study: Study, fitted: Conventional, named: Mapping[str, Candidate]
) -> dict[str, Wrapped]:
    scored_folds = tuple(rows[:-1])
    scored = np.sort(np.concatenate([fold.test for fold in scored_folds]))
    tail_plan = TailPlan(samples, scored_folds, scored, study.train)
    return {
        name: baseline_distribution(name, candidate, fitted, tail_plan)
        if name in study.model.baselines
        else wrapped(candidate, tail_plan)
        for name, candidate in named.items()
    }


def _record(
    samples: Samples, rows: list[FoldRows], study: Study, calibrated: Mapping[str, Wrapped], deep: DeepRun
) -> OutOfSample:
    scored_folds = tuple(rows[:-1])
    scored = np.sort(np.concatenate([fold.test for fold in scored_folds]))
    return OutOfSample(
        samples=samples,
        rows=scored,
        fold=_fold_numbers(scored_folds, scored),
        distributions={name: item.distribution for name, item in calibrated.items()},
        members=deep.members(scored_folds, scored),
        event_threshold=_event_thresholds(samples, scored_folds, scored, study.evaluate.event_quantile),
        controls=(CONTROL, CONTROL_COMBINATION),
        baselines=tuple(study.model.baselines),
        networks=tuple(deep.runs),
        combinations=tuple(name for name in (COMBINATION,) if name in calibrated),
    )


def _fold_numbers(folds: tuple[FoldRows, ...], scored: IntArray) -> IntArray:
    numbers = np.full(scored.size, -1, np.int64)
    for rows in folds:
        numbers[np.searchsorted(scored, rows.test)] = rows.fold.number
    return numbers


def _event_thresholds(
    samples: Samples, folds: tuple[FoldRows, ...], scored: IntArray, quantile: float
) -> FloatArray:
    """Per scored row the quantile of the entity's squared returns up to the fold's cut."""
    thresholds = np.full(scored.size, np.nan)
    for rows in folds:
        for entity in np.unique(samples.entity[rows.test]):
            mine = rows.test[samples.entity[rows.test] == entity]
            block = samples.rows_of(int(entity))
            past = samples.returns[block][samples.time[block] <= rows.fold.cut]
            thresholds[np.searchsorted(scored, mine)] = np.quantile(past**2, quantile)
    return thresholds
