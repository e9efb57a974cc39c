"""The ledger branch, fit side: samples in; every model's forecasts of held-out years and the refit out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.contracts import Memory, Progress
from barograph.core.fitted_ledgers import FrequencyParameters
from barograph.core.ledger_study import LedgerStudy
from barograph.core.ledger_table import (
    AnomalousWeek,
    CountForecast,
    DensityForecast,
    LedgerRecord,
    LedgerSamples,
    Part,
    ScoredPart,
)
from barograph.engines.forecasting.ledgers.anomalies import anomalous_weeks
from barograph.engines.forecasting.ledgers.conventional import (
    COUNT_START,
    SEVERITY_START,
    Conventional,
    count_forecasts,
    density_forecasts,
    fit_conventional,
    joined_counts,
    yearly_frequency,
)
from barograph.engines.forecasting.ledgers.deep import LedgerNetworkRun, run_ledger_network
from barograph.engines.forecasting.ledgers.plan import LedgerFold, planned_years
from barograph.engines.forecasting.ledgers.serving import counts_from
from barograph.measures.losses.heads import pooled
from barograph.models.baselines.ledgers import COUNT_BASELINES, LINEAR, SEVERITY_BASELINES


@dataclass(frozen=True, slots=True, eq=False)
class LedgerRun:
    """Everything a run has fitted."""

    record: LedgerRecord
    folds: tuple[LedgerFold, ...]  # held-out years, then the refit
    fits: tuple[Conventional, ...]  # one per fold
    networks: dict[str, LedgerNetworkRun]  # the linear control among them
    frequency: FrequencyParameters
    anomalies: tuple[AnomalousWeek, ...]  # held-out weeks, the strangest first
    seconds: dict[str, float]


def ledger_walk_forward(
    samples: LedgerSamples, study: LedgerStudy, *, memory: Memory, progress: Progress, checkpoints: Path
) -> LedgerRun:
    """Fit and forecast every model, year by year."""
    began = time.perf_counter()
    folds = planned_years(samples, study)
    progress.stage("baselines", len(folds))
    fits = []
    for fold in folds:
        fits.append(fit_conventional(samples, fold, study))
        progress.advance()
    fitted = time.perf_counter()
    networks = {
        key: run_ledger_network(
            key, samples, folds, fits, study, memory=memory, progress=progress, checkpoints=checkpoints
        )
        for key in (*study.model.networks, LINEAR)
    }
    trained = time.perf_counter()
    strange: tuple[AnomalousWeek, ...] = ()
    if study.model.anomaly:
        progress.stage("anomalies", 0)
        strange = anomalous_weeks(samples, folds[:-1], study, checkpoint=checkpoints / "anomalies")
    return LedgerRun(
        record=_record(samples, study, folds[:-1], fits[:-1], networks),
        folds=folds,
        fits=tuple(fits),
        networks=networks,
        frequency=yearly_frequency(samples.ledger),
        anomalies=strange,
        seconds={
            "baselines": fitted - began,
            "networks": trained - fitted,
            "anomalies": time.perf_counter() - trained,
        },
    )


def _record(
    samples: LedgerSamples,
    study: LedgerStudy,
    folds: Sequence[LedgerFold],
    fits: Sequence[Conventional],
    networks: Mapping[str, LedgerNetworkRun],
) -> LedgerRecord:
    baselines = study.model.baselines
    counts: dict[str, CountForecast | DensityForecast] = {}
    severities: dict[str, CountForecast | DensityForecast] = {}
    seeds: dict[Part, dict[str, tuple[CountForecast | DensityForecast, ...]]]
    seeds = {"counts": {}, "severities": {}}
    poisson = study.model.head == "poisson"
    for key, run in networks.items():
        counts[key] = _deep_counts(samples, folds, fits, run.raw["counts"], poisson=poisson)
        severities[key] = _deep_density(folds, fits, run.raw["severities"])
        each = range(study.train.seeds)
        seeds["counts"][key] = tuple(
            _deep_counts(samples, folds, fits, _one(run.raw["counts"], s), poisson=poisson) for s in each
        )
        seeds["severities"][key] = tuple(
            _deep_density(folds, fits, _one(run.raw["severities"], s)) for s in each
        )
    for key in baselines:
        if key in COUNT_BASELINES:
            counts[key] = count_forecasts(samples, folds, fits, key)
        if key in SEVERITY_BASELINES:
            severities[key] = density_forecasts(folds, fits, key)
    return LedgerRecord(
        samples=samples,
        years=tuple(fold.year for fold in folds),
        counts=_scored(samples, folds, fits, "counts", counts, seeds["counts"]),
        severities=_scored(samples, folds, fits, "severities", severities, seeds["severities"]),
        controls=(LINEAR,),
        baselines=baselines,
        networks=tuple(key for key in networks if key != LINEAR),
    )


def _scored(
    samples: LedgerSamples,
    folds: Sequence[LedgerFold],
    fits: Sequence[Conventional],
    name: Part,
    forecasts: dict[str, CountForecast | DensityForecast],
    members: dict[str, tuple[CountForecast | DensityForecast, ...]],
) -> ScoredPart:
    part, sizes = samples.part(name), [fold.parts[name].test.size for fold in folds]
    rows = np.concatenate([fold.parts[name].test for fold in folds])
    tails = [fit.threshold if name == "severities" else np.nan for fit in fits]
    return ScoredPart(
        time=part.time[rows],
        outcome=part.outcome[rows],
        fold=np.repeat(np.arange(len(folds)), sizes),
        threshold=np.repeat(np.asarray(tails), sizes),
        forecasts=forecasts,
        members=members,
    )


def _one(raw: Sequence[FloatArray], seed: int) -> list[FloatArray]:
    return [values[seed : seed + 1] for values in raw]


def _deep_counts(
    samples: LedgerSamples,
    folds: Sequence[LedgerFold],
    fits: Sequence[Conventional],
    raw: Sequence[FloatArray],
    *,
    poisson: bool,
) -> CountForecast:
    """The ensemble of the seeds given: their raw outputs averaged."""
    calendar = samples.counts.calendar
    return joined_counts(
        [
            counts_from(fit.counts[COUNT_START], calendar[fold.parts["counts"].test], values, poisson=poisson)
            for fold, fit, values in zip(folds, fits, raw, strict=False)
        ]
    )


def _deep_density(
    folds: Sequence[LedgerFold], fits: Sequence[Conventional], raw: Sequence[FloatArray]
) -> DensityForecast:
    """The ensemble of the seeds given: their densities averaged."""
    start = density_forecasts(folds, fits, SEVERITY_START)
    parts = [pooled(values) for _, values in zip(folds, raw, strict=False)]
    weights, means, deviations = (np.concatenate(column) for column in zip(*parts, strict=True))
    return DensityForecast(start.base, start.fold, (weights, means, deviations))
