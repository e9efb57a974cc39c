"""The files of a bundle, from a refitted champion."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.core.fitted import TailParameters
from barograph.core.forecast import LEVELS, Distribution
from barograph.core.records import Panel
from barograph.core.study import Study
from barograph.deploy.bundle import packed
from barograph.deploy.manifest import Combine
from barograph.engines.forecasting import parts as names
from barograph.engines.forecasting.candidates import latest_part
from barograph.engines.forecasting.fit import WalkForward
from barograph.engines.forecasting.live import LiveState, completed, state_to_plain
from barograph.engines.forecasting.parts import INPUT_BASELINES, Parts
from barograph.engines.forecasting.refit import combine_of, live_state, refitted_parts
from barograph.engines.forecasting.serving import model_inputs
from barograph.measures import conformal, tails
from barograph.models.catalogue import CATALOGUE
from barograph.train.export import export_onnx

REFERENCE_ROWS = 64
"""Training rows kept in a bundle: what reasons are measured against, and what the graphs are checked on."""

PROFILE_LEVELS = tuple(i / 10 for i in range(11))
"""Quantiles of every input over the training window, against which drift is measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Exported:
    """A champion ready to be written."""

    combine: Combine
    files: dict[str, bytes]
    entities: tuple[str, ...]
    fitted_until: dict[str, str]


def export(run: WalkForward, study: Study, champion: str, panel: Panel) -> Exported:
    """Turn the refitted champion into the files of a bundle.

    Parameters
    ----------
    run : WalkForward
    study : Study
    champion : str
        Any candidate of the run: a baseline, the control, a network, or a combination.
    panel : Panel
        The prices of the run.

    Raises
    ------
    BundleError
        Where a graph does not reproduce its network (`train.export`).
    """
    combine = combine_of(run, champion)
    stacks = {key: run.deep.runs[key].last.take(run.deep.runs[key].refitted) for key in combine.networks}
    everyone = {key: range(stack.shape.n_members) for key, stack in stacks.items()}
    graphs = {k: export_onnx(stack, everyone[k], catalogue=CATALOGUE).content for k, stack in stacks.items()}
    parts = refitted_parts(run, study, champion, combine, graphs)
    state = live_state(run, parts, champion, panel)
    files = _part_files(parts) | {
        names.PRICES: _parquet(state.prices),
        names.LIVE: names.as_json(state_to_plain(state)),
        names.HISTORY: packed(_history(run, champion)),
        names.PARITY: packed(_expected(run, parts, champion, state) | _graph_outputs(run, parts)),
    }
    if combine.kind != "baseline":
        files[names.PROFILE] = names.as_json(_profile(run))
        files[names.REFERENCE] = packed(_reference_inputs(run, parts))
    for key, content in graphs.items():
        files[names.graph_name(key)] = content
        files[names.weights_name(key)] = stacks[key].to_bytes()
    until = {name: str(entity.last) for name, entity in state.entities.items()}
    return Exported(combine, files, run.out.samples.entities, until)


def _part_files(parts: Parts) -> dict[str, bytes]:
    baselines = {
        key: {name: value.to_plain() for name, value in values.items()}
        for key, values in parts.baselines.items()
    }
    entities = {name: tail.to_plain() for name, tail in parts.tails.items()}
    starts = {key: part.start for key, part in parts.networks.items()}
    plain: dict[str, Any] = {
        names.BASELINES: baselines,
        names.SCALERS: {name: value.to_plain() for name, value in parts.scalers.items()},
        names.TAILS: {"conformal": parts.conformal.to_plain(), "entities": entities},
        names.NETWORKS: {"head": parts.head, "starts": starts},
    }
    if parts.control is not None:
        plain[names.CONTROL] = parts.control.to_plain()
    if parts.pool is not None:
        plain[names.POOL] = parts.pool.to_plain()
    return {name: names.as_json(content) for name, content in plain.items()}


def _parquet(prices: Panel) -> bytes:
    stream = io.BytesIO()
    prices.table.write_parquet(stream, compression="zstd")
    return stream.getvalue()


def _history(run: WalkForward, champion: str) -> dict[str, AnyArray]:
    """The champion's one-day forecasts out of sample and what came of them: what books are simulated from."""
    out = run.out
    return {
        "entity": out.samples.entity[out.rows].astype(np.int32),
        "time": out.samples.time[out.rows].astype("datetime64[D]").astype(np.int64),
        "known_at": out.samples.known_at[out.rows, 0].astype("datetime64[D]").astype(np.int64),
        "next_return": out.samples.target_return[out.rows, 0],
        "variance": out.distributions[champion].variance[:, 0],
    }


def _expected(run: WalkForward, parts: Parts, champion: str, state: LiveState) -> dict[str, AnyArray]:
    """The newest figures as the fit side has them: torch's outputs and the arrays of the run.

    At load the answer side must come to the same from the files alone.
    """
    rows, samples = run.folds[-1].latest, run.out.samples
    entity = np.array([samples.entities[number] for number in samples.entity[rows]])
    figures = (
        run.wrapped[champion].distribution.take(np.searchsorted(run.out.rows, rows).astype(np.int64))
        if parts.combine.tail == "historical"
        else _calibrated(run, parts, champion, state, rows)
    )
    return {
        "entity": entity,
        "variance": figures.variance,
        "quantiles": figures.quantiles,
        "shortfall": figures.shortfall,
    }


def _calibrated(
    run: WalkForward, parts: Parts, champion: str, state: LiveState, rows: IntArray
) -> Distribution:
    samples, candidate, fold = run.out.samples, run.candidates[champion], run.folds[-1]
    log_variance = latest_part(candidate.log_variance[-1], fold)
    stored = [parts.tails[samples.entities[number]] for number in samples.entity[rows]]
    quantiles = np.stack([tail.quantiles for tail in stored])
    shortfall = np.stack([tail.shortfall for tail in stored])
    if candidate.quantiles is not None:
        quantiles = latest_part(candidate.quantiles[-1], fold)
    if candidate.shortfall is not None:
        shortfall = latest_part(candidate.shortfall[-1], fold)
    sigma = np.exp(0.5 * log_variance)
    lower, upper = (sigma * quantiles[..., LEVELS.index(p)] for p in (conformal.ALPHA, 1 - conformal.ALPHA))
    factors = [
        conformal.advance(
            state.entities[samples.entities[samples.entity[row]]].conformal,
            lower=lower[i],
            upper=upper[i],
            outcome=completed(samples, int(row)),
        )[1]
        for i, row in enumerate(rows)
    ]
    return tails.distribution(log_variance, TailParameters(quantiles, shortfall), np.stack(factors))


def _reference_rows(run: WalkForward) -> IntArray:
    """Training rows of the refit, evenly spaced."""
    rows = np.sort(run.folds[-1].training)
    return rows[np.linspace(0, rows.size - 1, min(REFERENCE_ROWS, rows.size)).astype(np.int64)]


def _reference_inputs(run: WalkForward, parts: Parts) -> dict[str, FloatArray]:
    rows, columns = _reference_rows(run), run.inputs[-1].conventional
    n_horizons = len(parts.horizons)
    conventional = {
        key: columns[rows, i * n_horizons : (i + 1) * n_horizons] for i, key in enumerate(INPUT_BASELINES)
    }
    return model_inputs(parts, run.out.samples, rows, conventional=conventional)


def _graph_outputs(run: WalkForward, parts: Parts) -> dict[str, FloatArray]:
    """Inputs and raw outputs of every graph at the reference rows."""
    if not parts.networks:
        return {}
    inputs = _reference_inputs(run, parts)
    outputs = {f"raw_{key}": part.graph.run(inputs) for key, part in parts.networks.items()}
    return {f"input_{name}": values for name, values in inputs.items()} | outputs


def _profile(run: WalkForward) -> dict[str, Any]:
    """Quantiles of the control's inputs, before standardisation, over the refit's training rows."""
    samples, inputs = run.out.samples, run.inputs[-1]
    rows = run.folds[-1].training
    both = np.hstack([samples.features[rows], inputs.conventional[rows]])
    quantiles = np.quantile(both, PROFILE_LEVELS, axis=0).T
    table = dict(zip(inputs.features.parameters.names, quantiles.tolist(), strict=True))
    return {"levels": list(PROFILE_LEVELS), "rows": int(rows.size), "features": table}
