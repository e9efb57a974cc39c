"""The served figure of an event as one graph: encoder, models, blend and calibration in a single call.

For one event at a time the way through the parts costs more in calls than in arithmetic. The graph does what
`prepare.encoder` and `engines.scoring.serving` do, on the numbers of a row, the codes of its categories and
its raw steps, and is compared with them before it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from onnx import TensorProto

from barograph.core.fitted_records import (
    CalibratorParameters,
    EncoderParameters,
    LogisticParameters,
    StackParameters,
)
from barograph.engines.scoring.live_nodes import Nodes
from barograph.engines.scoring.live_rows import FIGURE, NUMBERS, STEPS, row_width, word_places

STEEPEST = 1e300
"""The largest slope: 0 times it is 0, and any other number is cut to the limits."""
GENTLE = 1e20
"""Slopes below this are multiplied in single precision, which loses as little as the inputs' own rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveNetwork:
    """A network's graph, and the part of the bag of each of its members."""

    content: bytes
    parts: tuple[int, ...]
    reads_steps: bool


@dataclass(frozen=True, slots=True, eq=False)
class LiveModel:
    """All that makes the served figure of a probability."""

    encoder: EncoderParameters
    controls: tuple[LogisticParameters, ...]
    networks: Mapping[str, LiveNetwork]
    boosters: tuple[bytes, ...]
    linear: Mapping[str, tuple[LogisticParameters, ...]]
    blend: StackParameters  # a single model has weight 1
    maps: tuple[CalibratorParameters, ...]  # one after the other
    length: int  # steps of a sequence


def live_graph(model: LiveModel) -> bytes | None:
    """The graph ``figure[n]`` of ``numbers[n, W]`` and, where a network reads them, ``steps[n, T, C]``.

    Numbers and figure are float64 (see `live_rows.feeds_of`), steps float64 as `Records.sequence`.

    Returns
    -------
    bytes or None
        None where a part has no graph (the scorecard).
    """
    known = {"networks", "linear", *model.networks, *model.linear} | (
        {"lightgbm"} if model.boosters else set()
    )
    if not set(model.blend.models) <= known:
        return None
    made = _Live(model)
    figure = made.blended()
    for one in model.maps:
        figure = made.calibrated(one, figure)
    return made.nodes.model(figure, FIGURE)


class _Live:
    """The nodes of one graph, views of the record made when first asked for."""

    def __init__(self, model: LiveModel) -> None:
        self.model, self.encoder, self.nodes = model, model.encoder, Nodes()
        self._numbers = self.nodes.input(NUMBERS, TensorProto.DOUBLE, [row_width(self.encoder)])
        self._views: dict[str, str] = {}

    def blended(self) -> str:
        """The models' answers put together as `measures.credit.stacking.stack` does, [n]."""
        blend, nodes = self.model.blend, self.nodes
        if len(blend.models) == 1:
            return self._answer(blend.models[0])
        weighted = [(name, float(w)) for name, w in zip(blend.models, blend.weights, strict=True)]
        used = [one for one in weighted if one[1] > 0.0] or weighted[:1]  # of none, the rows
        total = nodes.number(blend.intercept)
        for name, weight in used:
            total = nodes.add("Add", total, nodes.line(nodes.logit(self._answer(name)), weight, 0.0))
        return nodes.sigmoid(total)

    def calibrated(self, parameters: CalibratorParameters, p: str) -> str:
        """As `measures.credit.calibrators.calibrate`, [n]."""
        nodes, method = self.nodes, parameters.method
        if method in ("platt", "shift"):
            slope = parameters.a if method == "platt" else 1.0
            return nodes.sigmoid(nodes.line(nodes.logit(p), slope, parameters.b))
        inside = nodes.clipped(p)
        if method == "beta":
            goods = nodes.add("Log", nodes.add("Sub", nodes.number(1.0), inside))
            bads = nodes.line(nodes.add("Log", inside), parameters.a, parameters.c)
            return nodes.sigmoid(nodes.add("Sub", bads, nodes.line(goods, parameters.b, 0.0)))
        if method == "isotonic":
            return nodes.clipped(self._between(parameters, inside))
        return inside

    def _between(self, parameters: CalibratorParameters, p: str) -> str:
        """Straight lines between the knots, level beyond them."""
        nodes = self.nodes
        knots, values = np.array(parameters.knots), np.array(parameters.values)
        if knots.size == 1:
            return nodes.line(p, 0.0, float(values[0]))
        wide = nodes.add("Unsqueeze", p, nodes.constant(np.array([1])))
        inside = nodes.add(
            "Min", nodes.add("Max", wide, nodes.constant(knots[:-1])), nodes.constant(knots[1:])
        )
        share = nodes.add(
            "Div", nodes.add("Sub", inside, nodes.constant(knots[:-1])), nodes.constant(np.diff(knots))
        )
        risen = nodes.add("MatMul", share, nodes.constant(np.diff(values)))
        return nodes.line(risen, 1.0, float(values[0]))

    def _answer(self, name: str) -> str:
        """One part's answer, [n], as `serving.part_answer`."""
        model, nodes = self.model, self.nodes
        if name == "networks":
            return nodes.mean([self._network(key) for key in model.networks])
        if name in model.networks:
            return self._network(name)
        if name == "lightgbm":
            found = [
                nodes.graph(content, f"lightgbm_{number}", {"coded": self._coded()})
                for number, content in enumerate(model.boosters)
            ]
            return nodes.mean([nodes.double(one) for one in found])
        if name == "linear":
            return self._regressions(model.controls, self._wide())
        answer = self._regressions(model.linear[name], self._plain())
        return nodes.add("Clip", answer, nodes.number(0.0), nodes.number(1.0))

    def _regressions(self, fitted: tuple[LogisticParameters, ...], view: str) -> str:
        """The mean answer of regressions on a view, [n]."""
        answers = []
        for one in fitted:
            # two dimensions: onnxruntime 1.32 multiplies a transposed view by one of one dimension wrongly
            product = self.nodes.add("MatMul", view, self.nodes.constant(one.coefficients[:, None]))
            flat = self.nodes.add("Squeeze", product, self.nodes.constant(np.array([1])))
            z = self.nodes.line(flat, 1.0, one.intercept)
            answers.append(self.nodes.sigmoid(z) if one.link == "logit" else z)
        return self.nodes.mean(answers)

    def _network(self, name: str) -> str:
        """The mean over members and sub-networks of their probabilities, [n]."""
        nodes, network = self.nodes, self.model.networks[name]
        feeds = {"features": self._features()}
        if network.reads_steps:
            feeds["sequence"] = self._steps()
        raw = nodes.double(nodes.graph(network.content, name, feeds))  # [M, n, H, 1]
        odds = nodes.add("Squeeze", raw, nodes.constant(np.array([3])))
        chance = nodes.sigmoid(nodes.add("Add", odds, self._offset(network.parts)))
        return nodes.mean_over(chance, (0, 2))

    def _offset(self, parts: tuple[int, ...]) -> str:
        """Log-odds of the control that each member corrects, [M or 1, n, 1]."""
        nodes = self.nodes
        different = parts if len(set(parts)) > 1 else parts[:1]
        weights = np.stack([self.model.controls[one].coefficients for one in different], axis=1)
        shifts = np.array([self.model.controls[one].intercept for one in different])
        odds = nodes.add(
            "Add", nodes.add("MatMul", self._wide(), nodes.constant(weights)), nodes.constant(shifts)
        )
        if len(different) == 1:
            return odds  # [n, 1], the same for all members
        members_first = nodes.add("Transpose", odds, perm=[1, 0])
        return nodes.add("Unsqueeze", members_first, nodes.constant(np.array([2])))

    def _once(self, name: str, make: Callable[[], str]) -> str:
        if name not in self._views:
            self._views[name] = make()
        return self._views[name]

    def _known(self) -> str:
        """By column, since those are copied faster: numbers without a gap, then where gaps were, [2 W, n]."""
        nodes, encoder = self.nodes, self.encoder
        by_column = nodes.add("Transpose", self._numbers, perm=[1, 0])
        instead = np.zeros(row_width(encoder))
        instead[: len(encoder.numeric)] = encoder.center
        missing = nodes.add("IsNaN", by_column)
        filled = nodes.add("Where", missing, nodes.constant(instead[:, None]), by_column)
        if not any(encoder.missing):
            return filled
        return nodes.add("Concat", filled, nodes.double(missing), axis=0)

    def _view(self, columns: _Columns, kind: int) -> str:
        """Every column ``clip((x - center) * slope)``, [n, columns]."""
        nodes, (low, high) = self.nodes, columns.limits
        exact = np.dtype(np.float64 if kind == TensorProto.DOUBLE else np.float32)
        slope = np.array(columns.slope)[:, None]
        source, known = nodes.constant(np.array(columns.source)), self._once("known", self._known)
        values = nodes.add("Gather", known, source, axis=0)
        moved = nodes.add("Sub", values, nodes.constant(np.array(columns.center)[:, None]))
        if kind == TensorProto.FLOAT and np.all(slope < GENTLE):
            moved, slope = nodes.add("Cast", moved, to=kind), slope.astype(exact)
        scaled = nodes.add("Mul", moved, nodes.constant(slope))
        if kind == TensorProto.FLOAT and slope.dtype != exact:
            scaled = nodes.add("Cast", scaled, to=kind)
        limits = (nodes.constant(np.array(limit, dtype=exact)) for limit in (low, high))
        return nodes.add("Transpose", nodes.add("Clip", scaled, *limits), perm=[1, 0])

    def _features(self) -> str:
        """As `encoder_rows.features` but for the last bit, [n, F] float32."""
        return self._once("features", lambda: self._view(_bins(self.encoder), TensorProto.FLOAT))

    def _wide(self) -> str:
        """The features in double precision, as linear models read them."""
        return self.nodes.double(self._features())

    def _plain(self) -> str:
        """As `encoder_rows.plain` but for the last bit, [n, P] float64."""
        return self._once("plain", lambda: self._view(_scores(self.encoder), TensorProto.DOUBLE))

    def _coded(self) -> str:
        """As `encoder_rows.coded`, [n, C + K] float32."""
        nodes, encoder = self.nodes, self.encoder
        codes = [where.start for where in word_places(encoder)]
        source = nodes.constant(np.array([*range(len(encoder.numeric)), *codes]))
        values = nodes.add("Gather", self._numbers, source, axis=1)
        never_missing = np.where(encoder.missing, np.nan, encoder.center)
        instead = nodes.constant(np.concatenate([never_missing, np.zeros(len(codes))]))
        known = nodes.add("Where", nodes.add("IsNaN", values), instead, values)
        return nodes.add("Cast", known, to=TensorProto.FLOAT)

    def _steps(self) -> str:
        """As `encoder_rows.steps`, [n, T, C] float32."""
        nodes, encoder = self.nodes, self.encoder
        size = [self.model.length, len(encoder.channels)]
        raw = self._once(STEPS, lambda: nodes.input(STEPS, TensorProto.DOUBLE, size))
        moved = nodes.add("Sub", raw, nodes.constant(encoder.channel_mean))
        scores = nodes.add("Div", moved, nodes.constant(encoder.channel_scale))
        limits = (nodes.number(limit) for limit in (-encoder.limit, encoder.limit))
        inside = nodes.add("Clip", scores, *limits)
        known = nodes.add("Where", nodes.add("IsNaN", raw), nodes.number(0.0), inside)
        return nodes.add("Cast", known, to=TensorProto.FLOAT)


@dataclass(slots=True)
class _Columns:
    """Columns of a view, each a clipped straight line of a row of `_Live._known`."""

    limits: tuple[float, float]
    source: list[int] = field(default_factory=list)
    center: list[float] = field(default_factory=list)
    slope: list[float] = field(default_factory=list)

    def add(self, source: int, center: float, slope: float) -> None:
        """One column."""
        self.source.append(source)
        self.center.append(center)
        self.slope.append(slope)

    def add_indicator(self, encoder: EncoderParameters, source: int) -> None:
        """1 where a number is missing, else 0."""
        self.add(row_width(encoder) + source, 0.0, 1.0)

    def add_words(self, encoder: EncoderParameters) -> None:
        """The one-hot columns, which come as they are."""
        for where in word_places(encoder):
            for source in range(where.start + 1, where.stop):
                self.add(source, 0.0, 1.0)


def _bins(encoder: EncoderParameters) -> _Columns:
    """The columns of `encoder_rows.features`."""
    columns = _Columns((0.0, 1.0))
    for source, edges in enumerate(encoder.edges):
        for low, high in pairwise(edges):
            columns.add(source, low, min(1.0 / (high - low), STEEPEST) if high > low else 0.0)
        if encoder.missing[source]:
            columns.add_indicator(encoder, source)
    columns.add_words(encoder)
    return columns


def _scores(encoder: EncoderParameters) -> _Columns:
    """The columns of `encoder_rows.plain`."""
    columns = _Columns((-encoder.limit, encoder.limit))
    for source, (edges, spread) in enumerate(zip(encoder.edges, encoder.spread.tolist(), strict=True)):
        slope = min(1.0 / spread, STEEPEST) if edges[0] < edges[-1] else 0.0
        columns.add(source, float(encoder.center[source]), slope)
        if encoder.missing[source]:
            columns.add_indicator(encoder, source)
    columns.add_words(encoder)
    return columns
