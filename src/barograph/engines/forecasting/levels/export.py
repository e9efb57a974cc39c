"""The files of a level bundle, from the refitted champion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.core.level_study import LevelStudy, SeriesSection
from barograph.core.level_table import LevelSeries, LevelSnapshot
from barograph.deploy.bundle import packed
from barograph.deploy.manifest import LevelCombine
from barograph.engines.forecasting.levels import parts as names
from barograph.engines.forecasting.levels.deep import reference_rows
from barograph.engines.forecasting.levels.fit import COMBINATION, LINEAR_COMBINATION, LevelRun
from barograph.models.baselines.levels import LINEAR
from barograph.models.level_heads import LEVEL_CATALOGUE
from barograph.train.export import export_onnx

PROFILE_LEVELS = tuple(i / 10 for i in range(11))


@dataclass(frozen=True, slots=True, eq=False)
class LevelExport:
    """A champion ready to be written."""

    combine: LevelCombine
    files: dict[str, bytes]
    request: SeriesSection


def export_levels(run: LevelRun, study: LevelStudy, champion: str, snapshot: LevelSnapshot) -> LevelExport:
    """Turn the refitted champion into the files of a bundle.

    Raises
    ------
    BundleError
        Where a graph does not reproduce its network.
    """
    combine = combine_of(run, champion)
    stacks = {key: run.networks[key].refit for key in combine.networks}
    files = {
        names.LINEAR: names.as_json({key: path.last.to_plain() for key, path in run.paths.items()}),
        names.SCALERS: names.as_json(
            {"features": run.scaling.features.to_plain(), "channels": run.scaling.channels.to_plain()}
        ),
        names.SERIES: names.series_bytes(snapshot.series),
        names.PROFILE: names.as_json(_profile(run)),
        names.PARITY: packed(_expected(run, champion, combine)),
    }
    for key, stack in stacks.items():
        everyone = range(stack.shape.n_members)
        files[names.graph_name(key)] = export_onnx(stack, everyone, catalogue=LEVEL_CATALOGUE).content
        files[names.weights_name(key)] = stack.to_bytes()
    return LevelExport(combine, files, request_of(study.collect, snapshot.series))


def combine_of(run: LevelRun, champion: str) -> LevelCombine:
    """How the parts make a champion's figure."""
    record = run.record
    best = tuple(record.baselines[place] for place in run.best[-1])
    n_horizons = len(record.samples.horizons)
    if champion == COMBINATION:
        return LevelCombine(kind="mean", networks=record.networks, partners=best)
    if champion == LINEAR_COMBINATION:
        return LevelCombine(kind="mean", partners=best)
    if champion in record.networks:
        return LevelCombine(kind="network", networks=(champion,))
    kind: Literal["control", "baseline"] = "control" if champion == LINEAR else "baseline"
    return LevelCombine(kind=kind, partners=(champion,) * n_horizons)


def request_of(section: SeriesSection, series: LevelSeries) -> SeriesSection:
    """How a serving request is read: like the user's own table, or like the packaged one as it was known."""
    if section.target and section.time:
        return section.model_copy(update={"since": None, "until": None})
    return SeriesSection(
        source="request",
        target="target",
        time="time",
        size="size" if series.table["size"].count() else None,
        estimates=dict.fromkeys(series.estimates, 0),
        exogenous=dict.fromkeys(series.exogenous, 0),
        delay=series.delay,
    )


def _expected(run: LevelRun, champion: str, combine: LevelCombine) -> dict[str, AnyArray]:
    """The newest figures as the fit side has them, and torch's own outputs at reference origins."""
    samples, newest = run.record.samples, run.newest[champion]
    raw = {f"raw_{key}": run.networks[key].reference for key in combine.networks}
    return {"rows": reference_rows(samples), "mean": newest.mean, "deviation": newest.deviation, **raw}


def _profile(run: LevelRun) -> dict[str, Any]:
    """Quantiles of the inputs over the refit's training rows, against which drift is measured."""
    fold, samples = run.folds[-1], run.record.samples
    rows = np.concatenate([fold.fit, fold.validation])
    table = {}
    for name, column in zip(samples.names, samples.inputs[rows].T, strict=True):
        known = column[np.isfinite(column)]
        table[name] = np.quantile(known, PROFILE_LEVELS).tolist() if known.size else []
    return {"levels": list(PROFILE_LEVELS), "rows": int(rows.size), "features": table}
