"""An ONNX graph on one thread, fed by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.errors import BundleError

UNLOADABLE = (
    runtime.Fail,
    runtime.InvalidArgument,
    runtime.InvalidGraph,
    runtime.InvalidProtobuf,
    runtime.NoSuchFile,
    runtime.NotImplemented,
    runtime.RuntimeException,
)
"""What the runtime raises on a file that is no graph, or one it cannot run."""


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A loaded graph; inputs it does not name (a network that reads no sequence) are left out."""

    session: Any
    inputs: tuple[str, ...]

    def run(self, feeds: Mapping[str, AnyArray]) -> FloatArray:
        """The graph's single output for float inputs; computed in float32, returned as float64."""
        given = {name: np.ascontiguousarray(feeds[name], dtype=np.float32) for name in self.inputs}
        answer = self.session.run(None, given)[0]
        return np.asarray(answer, dtype=np.float64)


def load_graph(source: Path | bytes) -> Graph:
    """A graph from a file or its bytes, on one thread; raises `BundleError` where it is none."""
    session = session_of(source)
    return Graph(session, tuple(item.name for item in session.get_inputs()))


def session_of(source: Path | bytes, *, fixed: Mapping[str, int] | None = None) -> Any:
    """A session on one thread, free dimensions fixed by name; raises `BundleError` where it cannot be."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    for name, size in (fixed or {}).items():
        options.add_free_dimension_override_by_name(name, size)
    content = source if isinstance(source, bytes) else str(source)
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except UNLOADABLE as error:
        name = "the graph" if isinstance(source, bytes) else source.name
        raise BundleError(
            f"{name} must be a graph that onnxruntime {onnxruntime.__version__} can run",
            came=str(error).splitlines()[0],
            do="Take a fresh copy of the bundle, or update onnxruntime",
        ) from error
