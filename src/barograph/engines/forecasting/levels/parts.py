"""The parts of a level bundle, as the answer side reads them."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import polars as pl

from barograph.core.fitted import ScalerParameters, fitted_from_plain
from barograph.core.fitted_levels import LevelLinearParameters
from barograph.core.level_study import LevelsSection, SeriesSection
from barograph.core.level_table import LevelSeries
from barograph.deploy.bundle import Bundle
from barograph.deploy.graph import Graph, load_graph
from barograph.deploy.manifest import LevelManifest

LINEAR, SCALERS, SERIES = "parts/linear.json", "prepare.json", "series.parquet"
PROFILE, PARITY = "profile.json", "parity.npz"


def graph_name(network: str) -> str:
    """Where a network's graph lies."""
    return f"parts/{network}.onnx"


def weights_name(network: str) -> str:
    """Where a network's weights lie."""
    return f"parts/{network}.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Everything a bundle answers with."""

    manifest: LevelManifest
    prepare: LevelsSection
    request: SeriesSection
    linear: dict[str, LevelLinearParameters]  # the control and every baseline
    features: ScalerParameters
    channels: ScalerParameters
    networks: dict[str, Graph]
    series: LevelSeries  # what the bundle was fitted on


def as_json(plain: Any) -> bytes:
    """JSON content of a part."""
    return json.dumps(plain, indent=1).encode()


def series_bytes(series: LevelSeries) -> bytes:
    """A series' table as Parquet."""
    stream = io.BytesIO()
    series.table.write_parquet(stream, compression="zstd")
    return stream.getvalue()


def read_parts(bundle: Bundle[LevelManifest]) -> Parts:
    """The parts of a bundle whose hashes hold."""
    manifest = bundle.manifest
    request = SeriesSection.model_validate(manifest.request)
    scalers = {name: fitted_from_plain(plain) for name, plain in bundle.json(SCALERS).items()}
    linear = {name: fitted_from_plain(plain) for name, plain in bundle.json(LINEAR).items()}
    table = pl.read_parquet(bundle.folder / SERIES)
    return Parts(
        manifest=manifest,
        prepare=LevelsSection.model_validate(manifest.prepare),
        request=request,
        linear={name: _kind(value, LevelLinearParameters) for name, value in linear.items()},
        features=_kind(scalers["features"], ScalerParameters),
        channels=_kind(scalers["channels"], ScalerParameters),
        networks={k: load_graph(bundle.folder / graph_name(k)) for k in manifest.combine.networks},
        series=LevelSeries(
            table, manifest.months, request.delay, tuple(request.estimates), tuple(request.exogenous)
        ),
    )


def _kind(value: object, kind: type[Any]) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} expected, {type(value).__name__} found")
    return value
