"""The parts of a ledger bundle, as the answer side reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import polars as pl

from barograph.collect.ledgers.snapshot import ledger_again
from barograph.core.fitted import ScalerParameters, fitted_from_plain
from barograph.core.fitted_ledgers import CountParameters, FrequencyParameters, SeverityParameters
from barograph.core.ledger_study import LedgerInputsSection, LedgerSection
from barograph.core.ledger_table import LossLedger, Part
from barograph.deploy.bundle import Bundle
from barograph.deploy.graph import Graph, load_graph
from barograph.deploy.manifest import LedgerManifest
from barograph.engines.forecasting.ledgers.inputs import PartScaling

FITTED, SCALERS, LEDGER, ANNUAL = "parts/fitted.json", "prepare.json", "ledger.parquet", "parts/annual.json"
PROFILE, PARITY = "profile.json", "parity.npz"


def graph_name(network: str, part: str) -> str:
    """Where a network's graph of a part lies."""
    return f"parts/{network}-{part}.onnx"


def weights_name(network: str, part: str) -> str:
    """Where a network's weights of a part lie."""
    return f"parts/{network}-{part}.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Everything a bundle answers with."""

    manifest: LedgerManifest
    prepare: LedgerInputsSection
    request: LedgerSection
    counts: CountParameters  # of the champion, or where its network starts
    severities: SeverityParameters  # idem
    frequency: FrequencyParameters
    scaling: dict[Part, PartScaling]
    graphs: dict[Part, Graph]
    ledger: LossLedger  # what the bundle was fitted on


def as_json(plain: Any) -> bytes:
    """JSON content of a part."""
    return json.dumps(plain, indent=1).encode()


def read_parts(bundle: Bundle[LedgerManifest]) -> Parts:
    """The parts of a bundle whose hashes hold."""
    manifest = bundle.manifest
    fitted = {name: fitted_from_plain(plain) for name, plain in bundle.json(FITTED).items()}
    graphs: dict[Part, Graph] = {}
    scaling: dict[Part, PartScaling] = {}
    for name, plain in bundle.json(SCALERS).items():
        both = {key: fitted_from_plain(value) for key, value in plain.items()}
        scaling[name] = PartScaling(
            _kind(both["features"], ScalerParameters), _kind(both["channels"], ScalerParameters)
        )
    names: tuple[Part, ...] = ("counts", "severities")
    for part in names:
        if part in manifest.combine.networks:
            graphs[part] = load_graph(bundle.folder / graph_name(manifest.combine.networks[part], part))
    return Parts(
        manifest=manifest,
        prepare=LedgerInputsSection.model_validate(manifest.prepare),
        request=LedgerSection.model_validate(manifest.request),
        counts=_kind(fitted["counts"], CountParameters),
        severities=_kind(fitted["severities"], SeverityParameters),
        frequency=_kind(fitted["frequency"], FrequencyParameters),
        scaling=scaling,
        graphs=graphs,
        ledger=ledger_again(pl.read_parquet(bundle.folder / LEDGER), manifest.ledger),
    )


def _kind(value: object, kind: type[Any]) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} expected, {type(value).__name__} found")
    return value
