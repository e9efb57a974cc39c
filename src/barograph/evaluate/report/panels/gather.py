"""From a scored record to what the report prints."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from barograph.core.panel_study import PanelStudy
from barograph.core.panel_table import CurveFactors, PanelRecord, PanelSnapshot, SeriesFact
from barograph.evaluate.panels.cells import panel_cells
from barograph.evaluate.panels.diagnosis import calibrated, direction, falls, steadiness
from barograph.evaluate.panels.losses import blocks, headline_of, losses, pits
from barograph.evaluate.report.panels.content import FanOf, GroupFans, PanelContent
from barograph.evaluate.report.study_content import (
    Findings,
    Role,
    SeedSpread,
    StudyFacts,
    pit_bins,
)

BINS = 10
DENSE = ("random_walk_garch", "random_walk")
"""Densities of a random walk that CRPS is held against, the first one the study has."""


def panel_content(
    record: PanelRecord,
    study: PanelStudy,
    snapshot: PanelSnapshot,
    found: Findings,
    *,
    newest: pl.DataFrame,
    unfit: tuple[str, ...],
    factors: CurveFactors | None,
    facts: StudyFacts,
) -> PanelContent:
    """The content of a report."""
    samples, opponent, headline = record.samples, study.evaluate.opponent, headline_of(record, study)
    column, time = samples.horizons.index(headline), samples.time[record.rows]
    return PanelContent(
        **_about(study, snapshot, found),
        **_judged(record, study),
        **_diagnosed(record, study),
        roles=_roles(record),
        reference=opponent,
        facts=facts,
        series=samples.series,
        frequency=samples.frequency,
        headline=headline,
        horizons=samples.horizons,
        origins=int(record.rows.size),
        folds=int(np.unique(record.fold).size),
        since=str(time[0]),
        until=str(time[-1]),
        development_until=study.evaluate.development_until or "",
        unfit=unfit,
        weights={name: tuple(w.mean(axis=0).tolist()) for name, w in record.weights.items()},
        seed_spread=tuple(_seeds(record, key, column) for key in record.networks),
        fans=_fans(samples.series, newest),
        factors=factors,
        newest_origin=str(samples.time[-1]),
    )


def _judged(record: PanelRecord, study: PanelStudy) -> dict[str, Any]:
    """Every model by series and horizon, on the block that decides."""
    parts = blocks(record, study)
    decides = "confirmation" if "confirmation" in parts else "all"
    dense = next(name for name in DENSE if name in record.forecasts)
    return {
        "decides": decides,
        "cells": _cells(record, study, study.evaluate.opponent, parts[decides]),
        "dense": _cells(record, study, dense, parts[decides]),
        "dense_opponent": dense,
    }


def _diagnosed(record: PanelRecord, study: PanelStudy) -> dict[str, Any]:
    """Calibration, direction and steadiness."""
    candidate, opponent = study.deploy.candidate, study.evaluate.opponent
    places = range(len(record.samples.horizons))
    column = record.samples.horizons.index(headline_of(record, study))
    return {
        "falls": falls(record, candidate),
        "calibrated": tuple(calibrated(record, n, place) for n in _shown(record, study) for place in places),
        "directions": tuple(direction(record, name, place) for name in _directed(record) for place in places),
        "steadiness": tuple(
            steadiness(record, candidate, opponent, place) for place in places if candidate != opponent
        ),
        "pit": pit_bins(candidate, pits(record, candidate, column).ravel(), BINS),
    }


def _about(study: PanelStudy, snapshot: PanelSnapshot, found: Findings) -> dict[str, Any]:
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


def _roles(record: PanelRecord) -> dict[str, Role]:
    roles: dict[str, Role] = dict.fromkeys(record.combinations, "combination")
    roles |= dict.fromkeys(record.networks, "network")
    roles |= dict.fromkeys(record.controls, "control")
    roles |= dict.fromkeys(record.baselines, "baseline")
    return roles


def _shown(record: PanelRecord, study: PanelStudy) -> tuple[str, ...]:
    """Models whose densities are looked at one by one: candidate, networks, densities of the random walk."""
    names = (study.deploy.candidate, *record.networks, *DENSE)
    return tuple(name for name in dict.fromkeys(names) if name in record.forecasts)


def _directed(record: PanelRecord) -> tuple[str, ...]:
    """Models that forecast a direction: all but the driftless random walks."""
    return tuple(name for name in record.candidates if name not in DENSE)


def _cells(record: PanelRecord, study: PanelStudy, opponent: str, rows: Any) -> dict[str, tuple[Any, ...]]:
    """Every model against one, the candidate with the intervals of its ratios."""
    candidate = study.deploy.candidate
    return {
        name: tuple(panel_cells(record, study, name, opponent, rows=rows, interval=name == candidate))
        for name in record.candidates
        if name != opponent
    }


def _seeds(record: PanelRecord, key: str, column: int) -> SeedSpread:
    """Mean over series of each seed's root mean squared error, and the ensemble's."""
    came = record.outcome[:, :, column]
    hidden = ~np.isfinite(record.forecasts[key].mean[:, :, column])

    def root(square: Any) -> float:
        known = np.isfinite(square)
        means = np.where(known, square, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        return float(np.sqrt(means[known.any(axis=0)]).mean())

    each = [
        root(np.where(hidden, np.nan, (came - seed) ** 2)) for seed in record.members[key][:, :, :, column]
    ]
    return SeedSpread(key, np.array(each), root(losses(record, key, "squared_error", column)))


def _fans(series: tuple[SeriesFact, ...], newest: pl.DataFrame) -> tuple[GroupFans, ...]:
    """What the bundle says, group by group."""
    found = []
    for group in dict.fromkeys(one.group for one in series):
        part = newest.filter(pl.col("group") == group)
        if part.is_empty():
            continue
        first = part.filter(pl.col("horizon") == part["horizon"].item(0)).sort(
            pl.col("tenor").fill_null(0.0), maintain_order=True
        )
        names = first["series"].to_list()
        fans = []
        for horizon in part["horizon"].unique(maintain_order=True).to_list():
            here = part.filter(pl.col("horizon") == horizon)
            rows = {row["series"]: row for row in here.iter_rows(named=True)}

            def column(key: str, rows: dict[str, Any] = rows, names: list[str] = names) -> Any:
                return np.array([rows[name][key] if name in rows else np.nan for name in names])

            ends = ((column("q_0.025"), column("q_0.975")), (column("q_0.1"), column("q_0.9")))
            fans.append(FanOf(int(horizon), column("forecast"), ends))
        found.append(GroupFans(group, tuple(names), first["last"].to_numpy().astype(np.float64), tuple(fans)))
    return tuple(found)
