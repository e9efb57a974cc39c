"""The live state as plain arrays, for npz without pickle, and back: no later answer differs by a bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.core.errors import DataError
from barograph.core.fitted_graph import GraphPlan
from barograph.prepare.events_graph.columns import feature_names
from barograph.prepare.events_graph.state import STATUSES, GraphState

LIVE = ("time", "source", "target", "cents")
ARRAYS = ("plan", "watermark", "counts", "accounts", *LIVE, "row_ids", "row_times", "rows")


def to_arrays(state: GraphState) -> dict[str, AnyArray]:
    """The state as arrays.

    Returns
    -------
    dict
        `plan`, `watermark` (µs), `counts` by status, `accounts` (names); of the live transfers `time` (µs),
        `source`, `target` (places in the names) and `cents`, [m]; of the answers that may be asked for again
        `row_ids`, `row_times` (µs) [r] and `rows` [r, F]. Plan, names and ids are JSON as bytes.
    """
    live = state.graph.transfers
    names = sorted({account.name for _, source, target, _ in live for account in (source, target)})
    code = {name: i for i, name in enumerate(names)}
    numbers = [(time, code[source.name], code[target.name], cents) for time, source, target, cents in live]
    table = np.array(numbers, dtype=np.int64).reshape(len(numbers), len(LIVE))
    kept = b"".join(packed for _, packed in state.rows.values())
    return {
        "plan": _bytes(state.plan.to_plain()),
        "watermark": np.array(state.watermark, dtype=np.int64),
        "counts": np.array(state.counts, dtype=np.int64),
        "accounts": _bytes(names),
        **{name: table[:, i].copy() for i, name in enumerate(LIVE)},
        "row_ids": _bytes(list(state.rows)),
        "row_times": np.array([time for time, _ in state.rows.values()], dtype=np.int64),
        "rows": np.frombuffer(kept).reshape(len(state.rows), len(feature_names(state.plan))),
    }


def from_arrays(arrays: Mapping[str, AnyArray]) -> GraphState:
    """The inverse of `to_arrays`.

    Raises
    ------
    DataError
        If an array is missing or does not fit the others.
    """
    missing = [name for name in ARRAYS if name not in arrays]
    if missing:
        raise _damaged(f"it lacks {', '.join(missing)}")
    state = GraphState(GraphPlan.from_plain(_value(arrays["plan"])))
    names, ids = _value(arrays["accounts"]), _value(arrays["row_ids"])
    _check_shapes(arrays, state.plan, n_names=len(names), n_rows=len(ids))
    state.watermark = int(arrays["watermark"])
    state.counts = arrays["counts"].tolist()
    for time, source, target, cents in zip(*(arrays[name].tolist() for name in LIVE), strict=True):
        state.graph.add(time, names[source], names[target], cents)
    for event_id, time, row in zip(ids, arrays["row_times"].tolist(), arrays["rows"], strict=True):
        state.remember(event_id, time, row.tobytes())
    return state


def _check_shapes(arrays: Mapping[str, AnyArray], plan: GraphPlan, *, n_names: int, n_rows: int) -> None:
    shapes: dict[str, tuple[int, ...]] = {
        **dict.fromkeys(LIVE, arrays["time"].shape[:1]),
        "counts": (len(STATUSES),),
        "row_times": (n_rows,),
        "rows": (n_rows, len(feature_names(plan))),
    }
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise _damaged(f"'{name}' has shape {arrays[name].shape}, not {shape}")
    codes = np.concatenate([arrays["source"], arrays["target"]])
    if codes.size and not 0 <= codes.min() <= codes.max() < n_names:
        raise _damaged("a transfer names an account that is not in its list")


def _bytes(value: Any) -> AnyArray:
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)


def _value(text: AnyArray) -> Any:
    return json.loads(text.tobytes())


def _damaged(came: str) -> DataError:
    return DataError(
        "a snapshot of the account graph must be whole",
        came=came,
        do="Take an earlier snapshot, or replay the transfers",
    )
