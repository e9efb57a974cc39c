"""The live graph of a bundle, from the files of its parts, checked before it leaves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from barograph.core.arrays import FloatArray
from barograph.core.errors import BundleError
from barograph.core.fitted import fitted_from_plain
from barograph.core.fitted_records import CalibratorParameters, EncoderParameters, StackParameters
from barograph.core.record_table import Records
from barograph.deploy.bound import BoundGraph
from barograph.deploy.gate import BATCHES, gap
from barograph.deploy.manifest import ScoreCombine
from barograph.engines.scoring import parts as names
from barograph.engines.scoring.feature_columns import FEATURE
from barograph.engines.scoring.live_graph import LiveModel, LiveNetwork, live_graph
from barograph.engines.scoring.live_rows import LIVE_TOLERANCE, feeds_of
from barograph.engines.scoring.unsupervised import UNSUPERVISED

GATE_ROWS = 256
"""Records of the study on which the live graph is compared with the parts."""


def live_files(
    files: Mapping[str, bytes], combine: ScoreCombine, encoder: EncoderParameters, length: int
) -> dict[str, bytes]:
    """The live graph of a bundle's parts; nothing where one has none (a scorecard, ranks, a hazard).

    Parameters
    ----------
    files : mapping
        The bundle's parts.
    combine : ScoreCombine
    encoder : EncoderParameters
    length : int
        Steps of a sequence.
    """
    if combine.head != "bernoulli" or UNSUPERVISED in files or FEATURE in files:
        return {}
    if any(about["head"] != combine.head for about in _json(files, names.NETWORKS).values()):
        return {}
    maps = {name: fitted_from_plain(one) for name, one in json.loads(files[names.MAPS]).items()}
    model = LiveModel(
        encoder=encoder,
        controls=_fitted(json.loads(files[names.CONTROLS])),
        networks=_networks(files),
        boosters=tuple(
            content for name, content in files.items() if name.startswith(names.graph_name("lightgbm")[:-5])
        ),
        linear={name: _fitted(one) for name, one in _json(files, names.LINEAR).items()},
        blend=_blend(maps.get("stack"), combine),
        maps=tuple(
            one for one in (maps["calibrator"], maps["shift"]) if isinstance(one, CalibratorParameters)
        ),
        length=length,
    )
    made = live_graph(model)
    return {} if made is None else {names.LIVE: made}


def live_gap(content: bytes, encoder: EncoderParameters, records: Records, figure: FloatArray) -> float:
    """Largest difference of the live graph from the served figure of records, [n], whole and in batches."""
    graph, feeds = BoundGraph(content), feeds_of(encoder, records)
    return max(
        gap(graph.many({name: values[:size] for name, values in feeds.items()}), figure[:size])
        for size in (records.n, *BATCHES)
    )


def check_live(content: bytes, encoder: EncoderParameters, records: Records, figure: FloatArray) -> None:
    """Raise `BundleError` where the live graph does not give the served figure of records, [n]."""
    worst = live_gap(content, encoder, records, figure)
    if not worst <= LIVE_TOLERANCE:
        raise BundleError(
            f"the live graph must give the served figure to {LIVE_TOLERANCE:g}",
            came=f"on {records.n} records the largest difference was {worst:.1e}",
            do="Report this together with the version of onnxruntime",
        )


def _json(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    return dict(json.loads(files[name])) if name in files else {}


def _fitted(plain: list[dict[str, Any]]) -> tuple[Any, ...]:
    return tuple(fitted_from_plain(one) for one in plain)


def _networks(files: Mapping[str, bytes]) -> dict[str, LiveNetwork]:
    found = {}
    for key, about in _json(files, names.NETWORKS).items():
        content = files[names.graph_name(key)]
        inputs = [item.name for item in onnx.load_model_from_string(content).graph.input]
        found[key] = LiveNetwork(content, tuple(about["parts"]), "sequence" in inputs)
    return found


def _blend(stack: Any, combine: ScoreCombine) -> StackParameters:
    """The stack; of a single model itself."""
    if isinstance(stack, StackParameters):
        return stack
    name = combine.networks[0] if combine.kind == "network" else combine.baseline or "linear"
    return StackParameters((name,), np.ones(1), 0.0)
