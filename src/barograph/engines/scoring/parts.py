"""The parts of a scoring bundle, as the answer side reads them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.event_columns import EventColumns
from barograph.core.fitted import FittedValue, fitted_from_plain
from barograph.core.fitted_events import EventPlan
from barograph.core.fitted_graph import GraphPlan
from barograph.core.fitted_records import (
    CalibratorParameters,
    EncoderParameters,
    GradeParameters,
    LogisticParameters,
    ScorecardParameters,
    StackParameters,
)
from barograph.core.record_table import EventLink, FixingLink, Records, RecordSchema
from barograph.deploy.bound import BoundGraph
from barograph.deploy.bundle import Bundle, packed
from barograph.deploy.graph import Graph, load_graph
from barograph.deploy.manifest import ScoringManifest
from barograph.engines.scoring.cases import Cases, from_files, known_cases, to_files
from barograph.engines.scoring.feature_columns import read_feature
from barograph.engines.scoring.fixing_parts import read_fixings
from barograph.engines.scoring.unsupervised import UnsupervisedPart, read_unsupervised
from barograph.prepare.history import History, from_arrays, to_arrays

ENCODER, CONTROLS, MAPS = "prepare.json", "parts/controls.json", "parts/maps.json"
NETWORKS, LINEAR, SCORECARD = "parts/networks.json", "parts/linear.json", "parts/scorecard.json"
EVENTS, EVENT_STATE, LIVE = "parts/events.json", "parts/event_state.npz", "parts/live.onnx"
CASES, CASES_REST = "parts/cases.parquet", "parts/cases.npz"
GRADES, ANOMALY, HISTORY = "parts/grades.json", "parts/anomaly.json", "parts/history.npz"
REFERENCE, REFERENCE_STEPS, PROFILE, PARITY = (
    "reference.parquet",
    "reference.npz",
    "profile.json",
    "parity.npz",
)


def graph_name(model: str, part: int | None = None) -> str:
    """Where a graph lies in the bundle."""
    return f"parts/{model}.onnx" if part is None else f"parts/{model}-{part}.onnx"


def weights_name(model: str) -> str:
    """Where a network's weights lie in the bundle."""
    return f"parts/{model}.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class NetworkPart:
    """A network's members as one graph, and what each member's correction starts from."""

    graph: Graph
    head: str
    parts: tuple[int, ...]  # [n_members] part of the bag
    starts: FloatArray  # [n_members, J] hazard: log-odds of each period; otherwise empty
    shifts: FloatArray  # [n_members] hazard: shift to current experience


@dataclass(frozen=True, slots=True, eq=False)
class Anomaly:
    """Reconstruction network, and the training quantiles its error is placed in."""

    graph: Graph
    center: FloatArray  # [F] mean of each feature in training, which the graph corrects
    scale: FloatArray  # [F] root mean squared error of each feature in training; infinite leaves it out
    quantiles: FloatArray  # [101] of the score over held-out training records


@dataclass(frozen=True, slots=True, eq=False)
class EventPart:
    """How the features of an event are made, and what they look back on when the bundle was written."""

    plan: EventPlan
    graph: GraphPlan | None
    state: dict[str, AnyArray]
    steps: int  # of the actor's last events that a network reads; 0 where none does
    columns: EventColumns  # of a table of events
    cases: Cases | None  # confirmed frauds; None in a bundle written before there were any


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Everything a bundle answers with."""

    manifest: ScoringManifest
    schema: RecordSchema
    encoder: EncoderParameters
    history: History | None
    controls: tuple[LogisticParameters, ...]  # per part of the bag
    networks: dict[str, NetworkPart]
    boosters: tuple[Graph, ...]  # per part, LightGBM; empty where the champion needs none
    linear: dict[str, tuple[LogisticParameters, ...]]  # logistic, ols …: per part
    unsupervised: dict[str, tuple[UnsupervisedPart, ...]]  # models that never saw a label: per part
    feature: UnsupervisedPart | None  # whose score joins what networks and controls see
    scorecards: tuple[ScorecardParameters, ...]  # per part; the first one gives points
    calibrator: CalibratorParameters
    shift: CalibratorParameters
    stack: StackParameters | None
    grades: GradeParameters
    anomaly: Anomaly | None
    live: BoundGraph | None  # the whole figure in one graph; None where a part has none (the scorecard)
    events: EventPart | None
    fixings: FixingLink | None
    reference: Records


def as_json(plain: Any) -> bytes:
    """JSON content of a part."""
    return json.dumps(plain, indent=1).encode()


def schema_plain(schema: RecordSchema) -> dict[str, Any]:
    """A schema as the manifest keeps it."""
    return asdict(schema)


def schema_of(plain: Mapping[str, Any]) -> RecordSchema:
    """The inverse of `schema_plain`."""
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()
    }
    values["sequence"] = {key: tuple(names) for key, names in plain["sequence"].items()}
    return RecordSchema(**values)


def reference_files(records: Records) -> dict[str, bytes]:
    """The reference records: their columns as Parquet, the rest as arrays."""
    stream = io.BytesIO()
    records.table.write_parquet(stream, compression="zstd")
    rest = {
        "record_id": records.record_id.astype(str),
        "time": records.time.astype("datetime64[D]").astype(np.int64),
        "amount": records.amount,
        "sequence": records.sequence,
    }
    return {REFERENCE: stream.getvalue(), REFERENCE_STEPS: packed(rest)}


def history_file(history: History | None) -> dict[str, bytes]:
    """The constructed history, if there is one."""
    return {} if history is None else {HISTORY: packed(to_arrays(history))}


def event_files(link: EventLink | None, records: Records) -> dict[str, bytes]:
    """Plans, state and confirmed cases of a study on events."""
    if link is None:
        return {}
    steps, (table, rest) = records.sequence.shape[1], to_files(known_cases(records, link))
    graph = None if link.graph is None else link.graph.to_plain()
    about = {"plan": link.plan.to_plain(), "graph": graph, "steps": steps, "columns": asdict(link.columns)}
    cases = {CASES: table, CASES_REST: packed(rest)}
    return {EVENTS: as_json(about), EVENT_STATE: packed(link.state), **cases}


def _events(bundle: Bundle[ScoringManifest]) -> EventPart | None:
    if not bundle.has(EVENTS):
        return None
    plain = bundle.json(EVENTS)
    graph = None if plain["graph"] is None else GraphPlan.from_plain(plain["graph"])
    state = bundle.arrays(EVENT_STATE)
    plan, columns = EventPlan.from_plain(plain["plan"]), EventColumns(**plain["columns"])
    cases = None
    if bundle.has(CASES):
        cases = from_files(pl.read_parquet(bundle.folder / CASES), bundle.arrays(CASES_REST))
    return EventPart(plan, graph, state, int(plain["steps"]), columns, cases)


def read_parts(bundle: Bundle[ScoringManifest]) -> Parts:
    """The parts of a bundle whose hashes hold."""
    manifest = bundle.manifest
    maps = {name: fitted_from_plain(one) for name, one in bundle.json(MAPS).items()}
    grades = fitted_from_plain(bundle.json(GRADES))
    stack = maps.get("stack")
    schema = schema_of(manifest.request)
    boosters = [graph_name("lightgbm", part) for part in range(manifest.parts)]
    return Parts(
        manifest=manifest,
        schema=schema,
        encoder=_kind(fitted_from_plain(bundle.json(ENCODER)), EncoderParameters),
        history=from_arrays(bundle.arrays(HISTORY)) if bundle.has(HISTORY) else None,
        controls=_list(bundle, CONTROLS, LogisticParameters),
        networks=_networks(bundle),
        boosters=tuple(load_graph(bundle.folder / name) for name in boosters if bundle.has(name)),
        linear=_linear(bundle),
        unsupervised=read_unsupervised(bundle),
        feature=read_feature(bundle),
        scorecards=_list(bundle, SCORECARD, ScorecardParameters),
        calibrator=_kind(maps["calibrator"], CalibratorParameters),
        shift=_kind(maps["shift"], CalibratorParameters),
        stack=None if stack is None else _kind(stack, StackParameters),
        grades=_kind(grades, GradeParameters),
        anomaly=_anomaly(bundle),
        live=BoundGraph(bundle.folder / LIVE) if bundle.has(LIVE) else None,
        events=_events(bundle),
        fixings=read_fixings(bundle),
        reference=_reference(bundle, schema),
    )


def _kind(value: FittedValue, kind: type[Any]) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} expected, {type(value).__name__} found")
    return value


def _list(bundle: Bundle[ScoringManifest], name: str, kind: type[Any]) -> tuple[Any, ...]:
    if not bundle.has(name):
        return ()
    return tuple(_kind(fitted_from_plain(one), kind) for one in bundle.json(name))


def _linear(bundle: Bundle[ScoringManifest]) -> dict[str, tuple[LogisticParameters, ...]]:
    if not bundle.has(LINEAR):
        return {}
    return {
        name: tuple(_kind(fitted_from_plain(one), LogisticParameters) for one in parts)
        for name, parts in bundle.json(LINEAR).items()
    }


def _networks(bundle: Bundle[ScoringManifest]) -> dict[str, NetworkPart]:
    if not bundle.has(NETWORKS):
        return {}
    return {
        name: NetworkPart(
            graph=load_graph(bundle.folder / graph_name(name)),
            head=str(plain["head"]),
            parts=tuple(plain["parts"]),
            starts=np.asarray(plain["starts"], dtype=np.float64),
            shifts=np.asarray(plain["shifts"], dtype=np.float64),
        )
        for name, plain in bundle.json(NETWORKS).items()
    }


def _anomaly(bundle: Bundle[ScoringManifest]) -> Anomaly | None:
    if not bundle.has(ANOMALY):
        return None
    plain = bundle.json(ANOMALY)
    return Anomaly(
        load_graph(bundle.folder / graph_name("reconstruction")),
        np.asarray(plain["center"], dtype=np.float64),
        np.asarray([np.inf if one is None else one for one in plain["scale"]], dtype=np.float64),
        np.asarray(plain["quantiles"], dtype=np.float64),
    )


def _reference(bundle: Bundle[ScoringManifest], schema: RecordSchema) -> Records:
    table = pl.read_parquet(bundle.folder / REFERENCE)
    rest = bundle.arrays(REFERENCE_STEPS)
    return unlabelled(
        table,
        schema,
        rest["record_id"],
        rest["time"].astype("datetime64[D]"),
        rest["amount"],
        rest["sequence"],
    )


def unlabelled(
    table: pl.DataFrame,
    schema: RecordSchema,
    record_id: AnyArray,
    time: AnyArray,
    amount: FloatArray,
    sequence: AnyArray,
) -> Records:
    """Records of which nothing is known but what a request says."""
    n = table.height
    none, never = np.full(n, np.nan), np.full(n, np.datetime64("NaT", "D"))
    return Records(
        table=table.select(*schema.numeric, *schema.categorical),
        numeric=schema.numeric,
        categorical=schema.categorical,
        record_id=record_id,
        time=time,
        vintage=np.zeros(n, dtype=np.int64),
        label=none,
        label_time=never,
        outcome=none,
        event_time=never,
        group=np.arange(n),
        amount=amount,
        sequence=sequence,
        channels=tuple(schema.sequence),
    )
