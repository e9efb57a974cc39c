"""From a scored record to what the report prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import ndtr

from barograph.core.level_study import LevelStudy
from barograph.core.level_table import LevelRecord, LevelSnapshot
from barograph.evaluate.levels.claims import best_baseline
from barograph.evaluate.levels.losses import development
from barograph.evaluate.levels.scores import mean_score
from barograph.evaluate.report.levels.content import BandSeries, LevelContent, NewestForecast
from barograph.evaluate.report.study_content import (
    Findings,
    PitBins,
    Role,
    SeedSpread,
    StudyFacts,
    pit_bins,
)
from barograph.measures.levels import gaussian_quantiles, period_end

BINS = 5
INTERVALS = (0.95, 0.80)


def level_content(
    record: LevelRecord,
    study: LevelStudy,
    snapshot: LevelSnapshot,
    found: Findings,
    *,
    newest: Sequence[NewestForecast],
    facts: StudyFacts,
) -> LevelContent:
    """The content of a report."""
    samples, headline = record.samples, study.evaluate.headline
    column = samples.horizons.index(headline)
    best = best_baseline(record, column)
    known = np.isfinite(samples.outcome[record.rows, column])
    time = samples.time[record.rows][known]
    order = [column, *(j for j in range(len(samples.horizons)) if j != column)]
    return LevelContent(
        **_about(study, snapshot, found),
        roles=_roles(record),
        reference=best,
        facts=facts,
        target=snapshot.target,
        scale=samples.scale,
        headline=headline,
        horizons=samples.horizons,
        delay=samples.delay,
        months=snapshot.series.months,
        periods=samples.n,
        origins=int(known.sum()),
        folds=int(np.unique(record.fold).size),
        since=str(time[0]),
        until=str(time[-1]),
        all_developed=bool(development(record, study).all()),
        inputs=samples.names,
        bands=tuple(_band(record, study, j, best, snapshot.series.months) for j in order),
        pit=_pit(record, study.deploy.candidate, column),
        seed_spread=tuple(_seeds(record, key, column) for key in record.networks),
        newest=tuple(newest),
        newest_origin=str(samples.time[-1]),
    )


def _about(study: LevelStudy, snapshot: LevelSnapshot, found: Findings) -> dict[str, Any]:
    """What the study, its data and its judges say."""
    return {
        "name": study.name,
        "question": study.question,
        "settings": study.model_dump(mode="json"),
        "candidate": study.deploy.candidate,
        "provenance": snapshot.provenance,
        "verdict": found.verdict,
        "claims": tuple(found.claims),
        "scores": tuple(found.scores),
        "comparisons": tuple(found.comparisons),
    }


def _roles(record: LevelRecord) -> dict[str, Role]:
    roles: dict[str, Role] = dict.fromkeys(record.combinations, "combination")
    roles |= dict.fromkeys(record.networks, "network")
    roles |= dict.fromkeys(record.controls, "control")
    roles |= dict.fromkeys(record.baselines, "baseline")
    return roles


def _band(record: LevelRecord, study: LevelStudy, column: int, best: str, months: int) -> BandSeries:
    samples, model = record.samples, study.deploy.candidate
    said = record.forecasts[model]
    mean, deviation = said.mean[:, column], said.deviation[:, column]

    def at(level: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return gaussian_quantiles(mean, deviation, level, samples.scale)

    others = dict.fromkeys([best, *(c.opponent for c in study.evaluate.claims if c.rung == "floor")])
    return BandSeries(
        model=model,
        horizon=samples.horizons[column],
        period=period_end(samples.time[record.rows], samples.horizons[column], months),
        came=samples.outcome_rate[record.rows, column],
        median=at(0.5),
        intervals={share: (at(0.5 - share / 2), at(0.5 + share / 2)) for share in INTERVALS},
        others={
            name: gaussian_quantiles(
                record.forecasts[name].mean[:, column], np.zeros(mean.size), 0.5, samples.scale
            )
            for name in others
            if name in record.forecasts and name != model
        },
    )


def _pit(record: LevelRecord, model: str, column: int) -> PitBins:
    said = record.forecasts[model]
    came = record.samples.outcome[record.rows, column]
    place = ndtr((came - said.mean[:, column]) / said.deviation[:, column])
    return pit_bins(model, place, BINS)


def _seeds(record: LevelRecord, key: str, column: int) -> SeedSpread:
    members, n = record.members[key], record.rows.size
    seeds = np.split(np.arange(members.mean.shape[0]), members.mean.shape[0] // n)
    each = [mean_score(record, members.take(rows), "crps", column) for rows in seeds]
    return SeedSpread(key, np.array(each), mean_score(record, record.forecasts[key], "crps", column))
