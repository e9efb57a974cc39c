"""An ONNX graph for live use: one row through fixed memory, many rows by name; one thread, no conversions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from barograph.core.arrays import AnyArray, FloatArray
from barograph.deploy.graph import session_of

TYPES = {"tensor(double)": np.float64, "tensor(float)": np.float32, "tensor(int64)": np.int64}


class BoundGraph:
    """A graph whose inputs and single output have rows as their first, free dimension.

    For one row its inputs are written into `buffers` and read from there: a call then costs a third of one
    that hands arrays over. Not for use by several threads at once.

    Parameters
    ----------
    source : Path or bytes
        The rows' dimension is called `rows`, and every other is fixed.
    rows : str

    Raises
    ------
    BundleError
        If it is no graph that can be run.
    """

    def __init__(self, source: Path | bytes, *, rows: str = "n") -> None:
        self._many = session_of(source)
        self._one = session_of(source, fixed={rows: 1})
        inputs = self._many.get_inputs()
        self.inputs = tuple(item.name for item in inputs)
        self.buffers: dict[str, AnyArray] = {
            item.name: np.zeros((1, *item.shape[1:]), dtype=TYPES[item.type]) for item in inputs
        }
        self._answer = np.zeros(1)
        self._binding = self._bound()

    def _bound(self) -> Any:
        binding: onnxruntime.IOBinding = self._one.io_binding()
        for name, buffer in self.buffers.items():
            binding.bind_input(name, "cpu", 0, buffer.dtype, buffer.shape, buffer.ctypes.data)
        output = self._many.get_outputs()[0].name
        binding.bind_output(output, "cpu", 0, np.float64, (1,), self._answer.ctypes.data)
        return binding

    def one(self) -> float:
        """The answer to the row that stands in `buffers`."""
        self._one.run_with_iobinding(self._binding)
        return float(self._answer[0])

    def many(self, feeds: Mapping[str, AnyArray]) -> FloatArray:
        """The answers to many rows, [n]; arrays of the graph's own types, others are left out."""
        answer = self._many.run(None, {name: feeds[name] for name in self.inputs})[0]
        return np.asarray(answer, dtype=np.float64)
