"""What a forecasting bundle holds, by name: written by the fit side, read by the answer side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from barograph.core.errors import BundleError
from barograph.core.fitted import (
    ConformalParameters,
    FittedValue,
    LogLinearParameters,
    PoolParameters,
    ScalerParameters,
    TailParameters,
    fitted_from_plain,
)
from barograph.core.study import PrepareSection
from barograph.deploy.bundle import Bundle
from barograph.deploy.graph import Graph, load_graph
from barograph.deploy.manifest import Combine, Manifest

BASELINES = "parts/baselines.json"
SCALERS = "prepare.json"
CONTROL = "parts/control.json"
POOL = "parts/pool.json"
TAILS = "parts/tails.json"
NETWORKS = "parts/networks.json"
PRICES = "state/prices.parquet"
LIVE = "state/live.json"
PARITY = "parity.npz"
HISTORY = "history.npz"
PROFILE = "profile.json"
REFERENCE = "reference.npz"

INPUT_BASELINES = ("gjr_garch_t", "har")
"""Conventional forecasts that every network and the control read, one column per horizon."""

Value = TypeVar("Value", bound=FittedValue)


@dataclass(frozen=True, slots=True, eq=False)
class NetworkPart:
    """One network of a bundle."""

    graph: Graph
    start: str  # the conventional forecast it corrects: "linear" or "har"


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Everything the answer is made of; fitted values and graphs, nothing that could be trained."""

    combine: Combine
    entities: tuple[str, ...]
    horizons: tuple[int, ...]
    section: PrepareSection
    head: str
    baselines: dict[str, dict[str, FittedValue]]  # key -> entity -> value
    scalers: dict[str, ScalerParameters]  # "features", "channels", "cross_section"; empty for a baseline
    control: LogLinearParameters | None
    networks: dict[str, NetworkPart]
    pool: PoolParameters | None
    tails: dict[str, TailParameters]  # per entity; empty where the head has its own or history is the tail
    conformal: ConformalParameters


def graph_name(network: str) -> str:
    """Path of a network's graph in the bundle."""
    return f"parts/{network}.onnx"


def weights_name(network: str) -> str:
    """Path of a network's weights in the bundle."""
    return f"parts/{network}.safetensors"


def read_parts(bundle: Bundle[Manifest]) -> Parts:
    """Load every part a bundle names."""
    tails = bundle.json(TAILS)
    facts = bundle.json(NETWORKS)
    return Parts(
        combine=bundle.manifest.combine,
        entities=bundle.manifest.entities,
        horizons=bundle.manifest.horizons,
        section=PrepareSection.model_validate(bundle.manifest.prepare),
        head=str(facts["head"]),
        baselines={
            key: {entity: fitted_from_plain(plain) for entity, plain in values.items()}
            for key, values in bundle.json(BASELINES).items()
        },
        scalers={name: _typed(plain, ScalerParameters) for name, plain in bundle.json(SCALERS).items()},
        control=_typed(bundle.json(CONTROL), LogLinearParameters) if bundle.has(CONTROL) else None,
        networks={
            key: NetworkPart(load_graph(bundle.folder / graph_name(key)), str(start))
            for key, start in facts["starts"].items()
        },
        pool=_typed(bundle.json(POOL), PoolParameters) if bundle.has(POOL) else None,
        tails={entity: _typed(plain, TailParameters) for entity, plain in tails["entities"].items()},
        conformal=_typed(tails["conformal"], ConformalParameters),
    )


def as_json(content: Mapping[str, Any]) -> bytes:
    """JSON bytes of a part; NaN is refused, for it is no JSON."""
    return json.dumps(content, indent=1, allow_nan=False).encode()


def _typed(plain: dict[str, Any], kind: type[Value]) -> Value:
    value = fitted_from_plain(plain)
    if not isinstance(value, kind):
        raise BundleError(
            f"this part must be a fitted value of kind '{kind.kind}'",
            came=f"it is of kind '{value.kind}'",
            do="Take a fresh copy of the bundle or run the study again",
        )
    return value
