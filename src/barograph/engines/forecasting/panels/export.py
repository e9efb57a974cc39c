"""The files of a panel bundle, from the refitted champion."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.core.panel_study import PanelStudy
from barograph.core.panel_table import PanelForecast, PanelSamples, PanelSnapshot
from barograph.deploy.bundle import packed
from barograph.deploy.manifest import PanelCombine
from barograph.engines.forecasting.panels import parts as names
from barograph.engines.forecasting.panels.conventional import deviated, said
from barograph.engines.forecasting.panels.deep import reference_origins
from barograph.engines.forecasting.panels.fit import COMBINATION, LINEAR_COMBINATION, PanelRun
from barograph.engines.forecasting.panels.serving import by_origin, corrected, ensemble, rows_at, told
from barograph.measures.panels.forecast import control_shift
from barograph.models.baselines.panels import LINEAR
from barograph.models.level_heads import LEVEL_CATALOGUE
from barograph.prepare.scaler import apply_scaler
from barograph.train.export import export_onnx

PROFILE_LEVELS = tuple(i / 10 for i in range(11))
MOST_ERRORS = 1500
"""Joint errors kept for scenarios, newest last."""


@dataclass(frozen=True, slots=True, eq=False)
class PanelExport:
    """A champion ready to be written."""

    combine: PanelCombine
    files: dict[str, bytes]


def export_panel(run: PanelRun, study: PanelStudy, champion: str, snapshot: PanelSnapshot) -> PanelExport:
    """Turn the refitted champion into the files of a bundle.

    Raises
    ------
    BundleError
        Where a graph does not reproduce its network.
    """
    combine = combine_of(run, study, champion)
    models = dict.fromkeys((combine.start, combine.baseline or combine.start))
    scales = [key for key in (*models, combine.scale) if key and run.conventional[key].scale is not None]
    if combine.scale:
        models[combine.scale] = None
    stacks = {key: run.networks[key].refit for key in combine.networks}
    uses_control = combine.kind == "control" or (combine.kind == "combination" and not combine.networks)
    scaling = run.scaling
    files = {
        names.MODELS: names.as_json({key: run.conventional[key].last.to_plain() for key in models}),
        names.SCALES: names.as_json(
            {key: scale.to_plain() for key in scales if (scale := run.conventional[key].scale) is not None}
        ),
        names.CONTROL: names.as_json([run.control.to_plain()] if uses_control else []),
        names.SCALERS: names.as_json(
            {
                "features": scaling.features.to_plain(),
                "channels": scaling.channels.to_plain(),
                "cross_section": scaling.cross_section.to_plain(),
            }
        ),
        names.TAILS: packed(_errors(run, study, champion)),
        names.HISTORY: packed(_history(run, champion)),
        names.PANEL: names.table_bytes(snapshot.panel.table),
        names.PROFILE: names.as_json(_profile(run)),
        names.PARITY: packed(_expected(run, combine)),
    }
    for key, stack in stacks.items():
        everyone = range(stack.shape.n_members)
        files[names.graph_name(key)] = export_onnx(stack, everyone, catalogue=LEVEL_CATALOGUE).content
        files[names.weights_name(key)] = stack.to_bytes()
    return PanelExport(combine, files)


def combine_of(run: PanelRun, study: PanelStudy, champion: str) -> PanelCombine:
    """How the parts make a champion's figure."""
    start, record = study.model.start, run.record
    if champion in (COMBINATION, LINEAR_COMBINATION):
        scaled = [key for key in record.baselines if run.conventional[key].scale is not None]
        return PanelCombine(
            kind="combination",
            start=start,
            networks=record.networks if champion == COMBINATION else (),
            weights=tuple(run.weights[champion].tolist()),
            scale=scaled[0] if scaled else "",
        )
    if champion in record.networks:
        return PanelCombine(kind="network", start=start, networks=(champion,))
    if champion == LINEAR:
        return PanelCombine(kind="control", start=start)
    return PanelCombine(kind="baseline", start=start, baseline=champion)


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A `Teller` at the last origin that has what the run fitted: torch's own outputs, no graph."""

    run: PanelRun

    @property
    def samples(self) -> PanelSamples:
        """Those of the run."""
        return self.run.record.samples

    @property
    def last(self) -> IntArray:
        """The newest origin."""
        return np.array([self.samples.time.size - 1])

    def baseline(self, key: str) -> PanelForecast:
        """See `Teller`."""
        found, last = self.run.conventional[key], self.last
        scale = self.samples.deviation[last]
        if found.scale is not None:
            scale = deviated(self.samples, found.scale, last)
        return PanelForecast(said(self.samples, found.last, last), scale)

    def control(self, start: PanelForecast) -> PanelForecast:
        """See `Teller`."""
        rows = rows_at(self.samples, self.last)
        inputs = apply_scaler(self.run.scaling.features, self.samples.features[rows])
        return corrected(start, by_origin(self.samples, control_shift(self.run.control, inputs)))

    def network(self, key: str, start: PanelForecast) -> PanelForecast:
        """See `Teller`."""
        raw, entities = self.run.networks[key].reference, len(self.samples.series)
        newest = raw.reshape(raw.shape[0], entities, -1, *raw.shape[2:])[:, :, -1]  # [M, E, H, K]
        return ensemble(self.samples, newest, start)


def _expected(run: PanelRun, combine: PanelCombine) -> dict[str, AnyArray]:
    """The newest figures as the fit side has them, and torch's own outputs at reference origins."""
    samples = run.record.samples
    newest = told(combine, Fitted(run))
    rows = rows_at(samples, reference_origins(samples))
    raw = {f"raw_{key}": run.networks[key].reference for key in combine.networks}
    return {"rows": rows, "mean": newest.mean, "deviation": newest.deviation, **raw}


def _errors(run: PanelRun, study: PanelStudy, champion: str) -> dict[str, AnyArray]:
    """Tails of the champion at the refit, and its joint standardised errors out of sample."""
    record = run.record
    spoken = record.forecasts[champion]
    error: FloatArray = (record.outcome - spoken.mean) / spoken.deviation
    known = np.flatnonzero(np.isfinite(error).any(axis=(1, 2)))[-MOST_ERRORS:]
    age = record.rows[-1] - record.rows[known]
    return {
        "tails": run.tails[champion],
        "errors": error[known].astype(np.float32),
        "weight": 0.5 ** (age / study.train.tail_half_life),
    }


def _history(run: PanelRun, champion: str) -> dict[str, AnyArray]:
    """The champion's forecasts at the shortest horizon, out of sample, and what came: changes of levels.

    On the work scale, ``[n, E]``, newest last; `time` is the origin and `known_at` the day of the outcome.
    """
    record, samples = run.record, run.record.samples
    rows = record.rows[-MOST_ERRORS:]
    spoken = record.forecasts[champion].take(np.arange(record.rows.size)[-MOST_ERRORS:])
    ends = rows + samples.horizons[0]
    known = samples.known[rows]
    return {
        "time": samples.time[rows].astype("datetime64[D]").astype(np.int64),
        "known_at": samples.time[np.minimum(ends, samples.time.size - 1)].astype(np.int64),
        "mean": (spoken.mean[:, :, 0] - known).astype(np.float32),
        "deviation": spoken.deviation[:, :, 0].astype(np.float32),
        "change": (samples.outcome[rows, :, 0] - known).astype(np.float32),
    }


def _profile(run: PanelRun) -> dict[str, Any]:
    """Quantiles of the inputs over the refit's training rows, against which drift is measured."""
    fold, samples = run.plan.folds[-1], run.record.samples
    rows = np.concatenate([fold.fit, fold.validation])
    table = {}
    for name, column in zip(samples.feature_names, samples.features[rows].T, strict=True):
        known = column[np.isfinite(column)]
        table[name] = np.quantile(known, PROFILE_LEVELS).tolist() if known.size else []
    return {"levels": list(PROFILE_LEVELS), "rows": int(rows.size), "features": table}


def facts_of(snapshot: PanelSnapshot) -> tuple[dict[str, Any], ...]:
    """What is known of each series, JSON-ready."""
    return tuple(asdict(one) for one in snapshot.panel.series)
