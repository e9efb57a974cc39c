"""An ONNX graph put together node by node, in double precision, with whole graphs taken in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, compose, helper, load_model_from_string, numpy_helper

from barograph.core.arrays import AnyArray
from barograph.measures.credit.log_odds import SMALLEST

OPSETS = {"": 20, "ai.onnx.ml": 3}
"""The exporter's; boosters ask for 17, and mean the same by the few operators they have."""
IR_VERSION = 10
ROWS = "n"
"""Name of the one free dimension."""


class Nodes:
    """Nodes and constants; every method answers the name of what it adds."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []
        self._made: dict[Any, str] = {}  # what is asked for twice is made once
        self._within: set[str] = set()  # probabilities known to lie within the limits

    def input(self, name: str, kind: int, sizes: Sequence[int]) -> str:
        """An input [n, *sizes]."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, [ROWS, *sizes]))
        return name

    def constant(self, values: AnyArray) -> str:
        """A constant array, of its own type."""
        key = (values.dtype.str, values.shape, values.tobytes())
        if key not in self._made:
            self._made[key] = f"constant_{len(self._constants)}"
            self._constants.append(numpy_helper.from_array(values, self._made[key]))
        return self._made[key]

    def number(self, value: float) -> str:
        """A constant number."""
        return self.constant(np.array(value, dtype=np.float64))

    def add(self, operator: str, *given: str, **attributes: Any) -> str:
        """One operator with one answer."""
        key = (operator, given, repr(sorted(attributes.items())))
        if key not in self._made:
            self._made[key] = f"value_{len(self._nodes)}"
            self._nodes.append(helper.make_node(operator, given, [self._made[key]], **attributes))
        return self._made[key]

    def graph(self, content: bytes, name: str, feeds: Mapping[str, str]) -> str:
        """A whole graph of one answer, its inputs fed from what is here."""
        model = compose.add_prefix(load_model_from_string(content), f"{name}/")
        for node in model.graph.node:
            given = [feeds.get(one.removeprefix(f"{name}/"), one) for one in node.input]
            node.ClearField("input")
            node.input.extend(given)
        self._nodes += model.graph.node
        self._constants += model.graph.initializer
        return str(model.graph.output[0].name)

    def double(self, value: str) -> str:
        """As float64."""
        return self.add("Cast", value, to=TensorProto.DOUBLE)

    def clipped(self, p: str) -> str:
        """As `log_odds.clipped`; what lies within the limits already is left as it is."""
        if p in self._within:
            return p
        inside = self.add("Clip", p, self.number(SMALLEST), self.number(1.0 - SMALLEST))
        self._within.add(inside)
        return inside

    def sigmoid(self, z: str) -> str:
        """As `log_odds.sigmoid`."""
        return self.clipped(self.add("Sigmoid", z))

    def logit(self, p: str) -> str:
        """As `log_odds.logit`."""
        inside = self.clipped(p)
        return self.add("Log", self.add("Div", inside, self.add("Sub", self.number(1.0), inside)))

    def mean_over(self, p: str, axes: Sequence[int]) -> str:
        """The mean of probabilities over some axes, which lies within their limits."""
        mean = self.add("ReduceMean", p, self.constant(np.array(axes)), keepdims=0)
        if p in self._within:
            self._within.add(mean)
        return mean

    def line(self, value: str, slope: float, shift: float) -> str:
        """``slope * value + shift``."""
        scaled = value if slope == 1.0 else self.add("Mul", value, self.number(slope))
        return scaled if shift == 0.0 else self.add("Add", scaled, self.number(shift))

    def mean(self, values: Sequence[str]) -> str:
        """The mean of several values of one shape."""
        total = values[0]
        for one in values[1:]:
            total = self.add("Add", total, one)
        return self.line(total, 1.0 / len(values), 0.0)

    def model(self, answer: str, name: str) -> bytes:
        """The graph that answers one value, [n] float64, as a file."""
        self._nodes.append(helper.make_node("Identity", [answer], [name]))
        graph = helper.make_graph(
            self._nodes,
            "live",
            self._inputs,
            [helper.make_tensor_value_info(name, TensorProto.DOUBLE, [ROWS])],
            self._constants,
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        made = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="barograph"
        )
        return bytes(made.SerializeToString())
