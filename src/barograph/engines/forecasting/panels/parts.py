"""The parts of a panel bundle, as the answer side reads them."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import polars as pl

from barograph.core.arrays import FloatArray
from barograph.core.fitted import ScalerParameters, fitted_from_plain
from barograph.core.fitted_panels import PanelLinearParameters, PanelScaleParameters
from barograph.core.fitted_value import FittedValue
from barograph.core.panel_study import PanelInputsSection, PanelSection
from barograph.core.panel_table import LevelPanel, SeriesFact
from barograph.deploy.bundle import Bundle
from barograph.deploy.graph import Graph, load_graph
from barograph.deploy.manifest import PanelManifest

MODELS, SCALES, CONTROL, SCALERS = (
    "parts/models.json",
    "parts/scales.json",
    "parts/control.json",
    "prepare.json",
)
TAILS, PANEL, PROFILE, PARITY = "parts/tails.npz", "panel.parquet", "profile.json", "parity.npz"
HISTORY = "history.npz"


def graph_name(network: str) -> str:
    """Where a network's graph lies."""
    return f"parts/{network}.onnx"


def weights_name(network: str) -> str:
    """Where a network's weights lie."""
    return f"parts/{network}.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Everything a bundle answers with."""

    manifest: PanelManifest
    prepare: PanelInputsSection
    request: PanelSection
    models: dict[str, FittedValue]  # the start and the champion's baseline
    scales: dict[str, PanelScaleParameters]
    control: PanelLinearParameters | None
    features: ScalerParameters
    channels: ScalerParameters
    cross_section: ScalerParameters
    networks: dict[str, Graph]
    tails: FloatArray  # [E, H, levels]
    errors: FloatArray  # [n, E, H] standardised errors of the champion out of sample, oldest first; NaN
    weight: FloatArray  # [n] by age
    panel: LevelPanel  # what the bundle was fitted on


def as_json(plain: Any) -> bytes:
    """JSON content of a part."""
    return json.dumps(plain, indent=1).encode()


def table_bytes(table: pl.DataFrame) -> bytes:
    """A table as Parquet."""
    stream = io.BytesIO()
    table.write_parquet(stream, compression="zstd")
    return stream.getvalue()


def read_parts(bundle: Bundle[PanelManifest]) -> Parts:
    """The parts of a bundle whose hashes hold."""
    manifest = bundle.manifest
    scalers = {name: _kind(plain, ScalerParameters) for name, plain in bundle.json(SCALERS).items()}
    control = [_kind(plain, PanelLinearParameters) for plain in bundle.json(CONTROL)]
    stored = bundle.arrays(TAILS)
    table = pl.read_parquet(bundle.folder / PANEL)
    series = tuple(SeriesFact(**one) for one in manifest.series)
    return Parts(
        manifest=manifest,
        prepare=PanelInputsSection.model_validate(manifest.prepare),
        request=PanelSection.model_validate(manifest.request),
        models={name: fitted_from_plain(plain) for name, plain in bundle.json(MODELS).items()},
        scales={name: _kind(plain, PanelScaleParameters) for name, plain in bundle.json(SCALES).items()},
        control=control[0] if control else None,
        features=scalers["features"],
        channels=scalers["channels"],
        cross_section=scalers["cross_section"],
        networks={k: load_graph(bundle.folder / graph_name(k)) for k in manifest.combine.networks},
        tails=stored["tails"],
        errors=stored["errors"].astype("float64"),
        weight=stored["weight"],
        panel=LevelPanel(table, series, manifest.frequency),
    )


def _kind(plain: dict[str, Any], kind: type[Any]) -> Any:
    value = fitted_from_plain(plain)
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} expected, {type(value).__name__} found")
    return value
