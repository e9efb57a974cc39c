"""The panel branch, fit side: samples in; every candidate's forecasts and the refitted parts out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.contracts import Memory, Progress
from barograph.core.errors import SettingError
from barograph.core.fitted_panels import PanelLinearParameters
from barograph.core.panel_study import PanelStudy
from barograph.core.panel_table import (
    CurveFactors,
    PanelDensities,
    PanelForecast,
    PanelRecord,
    PanelSamples,
)
from barograph.engines.forecasting.panels.conventional import (
    ConventionalRun,
    run_conventional,
    usable_baselines,
)
from barograph.engines.forecasting.panels.deep import (
    PanelNetworkRun,
    Scalings,
    run_panel_network,
    scalings,
)
from barograph.engines.forecasting.panels.densities import (
    correction_weights,
    densities,
    places_of,
    spread_over,
)
from barograph.engines.forecasting.panels.factors import curve_factors
from barograph.engines.forecasting.panels.plan import PanelFold, PanelPlan, planned_folds
from barograph.engines.forecasting.panels.serving import by_origin, combined, rows_at
from barograph.measures.panels.forecast import control_shift
from barograph.models.baselines.panels import LINEAR
from barograph.models.panel_control import fit_panel_control
from barograph.prepare.scaler import apply_scaler

COMBINATION, LINEAR_COMBINATION = "combination", "linear_combination"
WALK = "random_walk"


@dataclass(frozen=True, slots=True, eq=False)
class PanelRun:
    """Everything a run has fitted."""

    record: PanelRecord
    plan: PanelPlan
    conventional: dict[str, ConventionalRun]
    unfit: tuple[str, ...]  # baselines that the panel has not enough series for
    control: PanelLinearParameters  # of the refit
    networks: dict[str, PanelNetworkRun]
    weights: dict[str, FloatArray]  # combination -> weight on the correction at the refit, [H]
    tails: dict[str, FloatArray]  # candidate -> [E, H, levels] at the refit
    scaling: Scalings  # of the refit
    factors: CurveFactors | None
    seconds: dict[str, float]


def panel_walk_forward(
    samples: PanelSamples, study: PanelStudy, *, memory: Memory, progress: Progress, checkpoints: Path
) -> PanelRun:
    """Fit and forecast every candidate through time.

    Baselines, control and networks are refitted at the plan's cuts. Control and networks correct the start
    from zero. The combination is the start plus the networks' mean correction, weighted at each refit by
    what it was worth out of sample until then; `linear_combination` has the control in the networks' place.
    """
    began = time.perf_counter()
    plan = planned_folds(samples, study)
    fit, unfit = usable_baselines(samples, study.model.baselines)
    conventional = _conventional(samples, plan, study, fit, progress)
    begun = conventional[study.model.start]
    start = PanelForecast(begun.mean, begun.deviation)
    fitted = [scalings(samples, fold, study.prepare.limit) for fold in plan.folds]
    control, control_mean = _controlled(samples, plan, fitted, start, study)
    linear_done = time.perf_counter()
    networks = {
        key: run_panel_network(
            key, samples, plan, fitted, start, study,
            memory=memory, progress=progress, checkpoints=checkpoints,
        )
        for key in study.model.networks
    }  # fmt: skip
    deep_done = time.perf_counter()
    every, weights = _candidates(samples, plan, study, conventional, control_mean, networks, start)
    record, tails = _record(samples, plan, study, every, weights, networks, fit)
    return PanelRun(
        record=record,
        plan=plan,
        conventional=conventional,
        unfit=unfit,
        control=control,
        networks=networks,
        weights={key: found[-1] for key, found in weights.items()},
        tails=tails,
        scaling=fitted[-1],
        factors=curve_factors(samples, plan, fitted[0], study, networks.get("autoencoder")),
        seconds={"baselines": linear_done - began, "networks": deep_done - linear_done},
    )


def _conventional(
    samples: PanelSamples, plan: PanelPlan, study: PanelStudy, fit: Sequence[str], progress: Progress
) -> dict[str, ConventionalRun]:
    """The random walk, the start and every baseline that the panel has the series for."""
    keys = tuple(dict.fromkeys((WALK, study.model.start, *fit)))
    progress.stage("baselines", len(keys))
    found = {}
    for key in keys:
        found[key] = run_conventional(key, samples, plan, study)
        progress.advance()
    return found


def _controlled(
    samples: PanelSamples,
    plan: PanelPlan,
    fitted: Sequence[Scalings],
    start: PanelForecast,
    study: PanelStudy,
) -> tuple[PanelLinearParameters, FloatArray]:
    """The linear control at the refit, and its mean at every origin of the plan ``[T, E, H]``."""
    mean = np.full(samples.outcome.shape, np.nan)
    control = None
    n, entities, _ = samples.shape
    error = ((samples.outcome - start.mean) / start.deviation).transpose(1, 0, 2).reshape(entities * n, -1)
    for fold, scaling in zip(plan.folds, fitted, strict=True):
        control = _control(samples, fold, scaling, error, study)
        if not fold.test.size:
            continue
        inputs = apply_scaler(scaling.features, samples.features[rows_at(samples, fold.test)])
        moved = by_origin(samples, control_shift(control, inputs))
        mean[fold.test] = start.mean[fold.test] + start.deviation[fold.test] * moved
    if control is None:
        raise ValueError("a plan has at least one fold")
    return control, mean


def _control(
    samples: PanelSamples, fold: PanelFold, scaling: Scalings, error: FloatArray, study: PanelStudy
) -> PanelLinearParameters:
    inputs = [apply_scaler(scaling.features, samples.features[rows]) for rows in (fold.fit, fold.validation)]
    return fit_panel_control(
        inputs[0], error[fold.fit], inputs[1], error[fold.validation], penalties=study.train.penalties
    )


def _candidates(
    samples: PanelSamples,
    plan: PanelPlan,
    study: PanelStudy,
    conventional: Mapping[str, ConventionalRun],
    control_mean: FloatArray,
    networks: Mapping[str, PanelNetworkRun],
    start: PanelForecast,
) -> tuple[dict[str, PanelForecast], dict[str, FloatArray]]:
    """Every candidate at every origin, combinations first; and the combinations' weights by fold."""
    deep = {
        key: PanelForecast(
            start.mean + start.deviation * run.shift.mean(axis=0),
            start.deviation * np.exp(run.log_scale.mean(axis=0)),
        )
        for key, run in networks.items()
    }
    scales = [
        conventional[key].deviation
        for key in study.model.baselines
        if key in conventional and conventional[key].scale
    ]
    weights: dict[str, FloatArray] = {}
    joined: dict[str, PanelForecast] = {}
    sides = {LINEAR_COMBINATION: (control_mean, [start.deviation])}
    if deep:
        mean = np.mean([one.mean for one in deep.values()], axis=0)
        sides = {COMBINATION: (mean, [one.deviation for one in deep.values()])} | sides
    for key, (mean, own) in sides.items():
        weights[key] = correction_weights(
            samples, plan, start, mean, limit=study.train.shrink_limit, half_life=study.train.tail_half_life
        )
        share = spread_over(plan, weights[key], samples.time.size)[:, None]
        joined[key] = combined(start, mean, own, scales[:1], share)
    linear = PanelForecast(control_mean, start.deviation)
    plain = {key: PanelForecast(run.mean, run.deviation) for key, run in conventional.items()}
    baselines = {key: plain[key] for key in plain if key in study.model.baselines or key == WALK}
    return {**joined, **deep, LINEAR: linear, **baselines}, weights


def _record(
    samples: PanelSamples,
    plan: PanelPlan,
    study: PanelStudy,
    every: Mapping[str, PanelForecast],
    weights: Mapping[str, FloatArray],
    networks: Mapping[str, PanelNetworkRun],
    fit: tuple[str, ...],
) -> tuple[PanelRecord, dict[str, FloatArray]]:
    """What was scored, and the tails of every candidate at the refit."""
    found: dict[str, PanelDensities] = {}
    tails: dict[str, FloatArray] = {}
    rows = np.arange(plan.first_scored, samples.time.size)
    places = places_of(rows, plan.origins)
    hidden = ~samples.admissible[rows]
    for key, one in every.items():
        said, tails[key] = densities(samples, plan, one, every[WALK], half_life=study.train.tail_half_life)
        mine = said.take(places)
        mine.mean[hidden] = np.nan
        found[key] = mine
    start = every[study.model.start]
    members = {key: (start.mean + start.deviation * run.shift)[:, rows] for key, run in networks.items()}
    fold = np.concatenate([np.full(one.test.size, one.number) for one in plan.tests])
    record = PanelRecord(
        samples=samples,
        rows=rows.astype(np.int64),
        fold=fold[places].astype(np.int64),
        forecasts=found,
        members=members,
        weights={key: spread_over(plan, one, samples.time.size)[rows] for key, one in weights.items()},
        controls=(LINEAR, LINEAR_COMBINATION),
        baselines=tuple(dict.fromkeys((WALK, *fit))),
        networks=tuple(networks),
        combinations=(COMBINATION,) if networks else (),
    )
    return record, tails


def check_start(study: PanelStudy, keys: Sequence[str]) -> None:
    """Refuse a start that is no baseline of the study."""
    if study.model.start not in keys:
        raise SettingError(
            "model.start must name one of model.baselines that the panel has the series for",
            came=f"got '{study.model.start}'",
            do=f"Name one of {', '.join(keys)}",
        )
