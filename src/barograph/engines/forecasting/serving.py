"""From rows and conventional forecasts to the served distribution, for a history or for one new day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import BundleError
from barograph.core.fitted import HistoricalParameters, TailParameters
from barograph.core.records import Samples
from barograph.engines.forecasting.parts import INPUT_BASELINES, NetworkPart, Parts
from barograph.measures import tails
from barograph.measures.heads import HeadOutput, interpret
from barograph.measures.log_linear import log_linear
from barograph.measures.pool import pool
from barograph.prepare.scaler import apply_scaler

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """Log variances, and the standardised tail they scale, before any conformal multiplier."""

    log_variance: FloatArray  # [n, n_horizons]
    tail: TailParameters  # quantiles [n, n_horizons, n_levels], shortfall [n, n_horizons, n_alphas]


def serve(
    parts: Parts, samples: Samples, rows: IntArray, *, conventional: Mapping[str, FloatArray]
) -> Served:
    """Forecast some rows.

    Parameters
    ----------
    parts : Parts
    samples : Samples
        Rows must be admissible.
    rows : int array [n]
    conventional : mapping
        Log variance of each needed baseline on these rows, [n, n_horizons].
    """
    combine = parts.combine
    if combine.kind == "baseline":
        log_variance = conventional[combine.baseline]
        if combine.tail == "historical":
            return _historical(parts, samples, rows, log_variance)
        return Served(log_variance, _stored_tails(parts, samples, rows))
    inputs = model_inputs(parts, samples, rows, conventional=conventional)
    control = log_linear(_present(parts.control), inputs["features"])
    outputs = [
        _network(part, parts.head, inputs, control if part.start == "linear" else conventional["har"])
        for part in parts.networks.values()
    ]
    deep = np.mean([out.log_variance for out in outputs], axis=0) if outputs else control
    if combine.kind == "log_pool":
        deep = pool(_present(parts.pool), np.stack([deep, conventional[combine.baseline]]))
    own = outputs[0] if combine.kind == "network" else None
    return Served(deep, _tail_of(parts, samples, rows, own))


def model_inputs(
    parts: Parts, samples: Samples, rows: IntArray, *, conventional: Mapping[str, FloatArray]
) -> dict[str, FloatArray]:
    """Standardised inputs of the control and the graphs: features, sequence and cross_section."""
    _check_names(parts, samples)
    columns = [conventional[key] for key in INPUT_BASELINES]
    steps = rows[:, None] + np.arange(-samples.window + 1, 1)
    return {
        "features": apply_scaler(parts.scalers["features"], np.hstack([samples.features[rows], *columns])),
        "sequence": apply_scaler(parts.scalers["channels"], samples.channels[steps]),
        "cross_section": apply_scaler(parts.scalers["cross_section"], samples.cross_section[rows]),
    }


def _check_names(parts: Parts, samples: Samples) -> None:
    fitted = parts.scalers["features"].names[: len(samples.feature_names)]
    if fitted != samples.feature_names or parts.scalers["channels"].names != samples.channel_names:
        raise BundleError(
            "a bundle must read the inputs that this version prepares",
            came="it was fitted on others",
            do="Serve it with the version in its manifest, or run the study again",
        )


def _network(part: NetworkPart, head: str, inputs: Mapping[str, FloatArray], start: FloatArray) -> HeadOutput:
    raw = part.graph.run(inputs)  # [M, n, H, K]
    members = [interpret(head, values, offset=start) for values in raw]
    return HeadOutput(
        np.asarray(np.mean([m.log_variance for m in members], axis=0)),
        _mean([m.quantiles for m in members]),
        _mean([m.shortfall for m in members]),
    )


def _mean(parts: list[FloatArray | None]) -> FloatArray | None:
    known = [part for part in parts if part is not None]
    return np.asarray(np.mean(known, axis=0)) if known else None


def _tail_of(parts: Parts, samples: Samples, rows: IntArray, own: HeadOutput | None) -> TailParameters:
    stored = _stored_tails(parts, samples, rows)
    quantiles = own.quantiles if own is not None else None
    shortfall = own.shortfall if own is not None else None
    return TailParameters(
        stored.quantiles if quantiles is None else quantiles,
        stored.shortfall if shortfall is None else shortfall,
    )


def _stored_tails(parts: Parts, samples: Samples, rows: IntArray) -> TailParameters:
    names = [samples.entities[entity] for entity in samples.entity[rows]]
    return TailParameters(
        np.stack([parts.tails[name].quantiles for name in names]),
        np.stack([parts.tails[name].shortfall for name in names]),
    )


def _historical(parts: Parts, samples: Samples, rows: IntArray, log_variance: FloatArray) -> Served:
    """Historical simulation: quantiles of past returns, expressed in units of the forecast's sigma."""
    quantiles, shortfall = [], []
    for row in rows:
        block = samples.rows_of(int(samples.entity[row]))
        value = parts.baselines[parts.combine.baseline][samples.entities[samples.entity[row]]]
        assert isinstance(value, HistoricalParameters)
        place = np.array([row - block.start], dtype=np.int64)
        past = tails.historical_distribution(
            samples.returns[block], samples.horizons, place, window=value.window
        )
        quantiles.append(past.quantiles[0])
        shortfall.append(past.shortfall[0])
    sigma = np.exp(0.5 * log_variance)[..., None]
    return Served(log_variance, TailParameters(np.stack(quantiles) / sigma, np.stack(shortfall) / sigma))


def _present(value: _T | None) -> _T:
    assert value is not None, "the bundle's manifest names a part that it does not hold"
    return value
