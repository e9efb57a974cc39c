"""A trained stack as an ONNX graph, checked before it leaves: its dimensions, and parity with torch."""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import onnxruntime
import torch
from onnx import ModelProto
from torch import Tensor, nn

from barograph.core.arrays import FloatArray
from barograph.core.errors import BundleError
from barograph.core.network import NetworkShape
from barograph.core.seeds import generator
from barograph.train.parts import Catalogue, inputs_read
from barograph.train.predict import restored
from barograph.train.stack import Float32Array, TrainedStack

INPUT_NAMES = ("features", "sequence", "cross_section")
OUTPUT_NAME = "raw"
PARITY_ROWS = (1, 2, 7, 64)
"""Batch sizes at which graph and network are compared."""
PARITY_TOLERANCE = 1e-5
"""Largest difference between graph and network, relative to the answer where that is above one."""
ROUNDING_ROOM = 4.0
"""How many times the network's own rounding error a graph may differ from it, where that is more."""


@dataclass(frozen=True, slots=True, eq=False)
class ExportedGraph:
    """An ONNX graph that passed its checks.

    `inputs` are the names the graph really has, a part of `INPUT_NAMES`: one that a network does not read,
    or that has no columns, is not in its graph. The inputs are standardised or encoded, float32, without a
    member axis: ``features[B, F]``, ``sequence[B, T, C]``, ``cross_section[B, P]``; the output is
    ``raw[M, B, H, K]``. B is free.
    """

    content: bytes
    inputs: tuple[str, ...]
    parity: float  # largest difference found by the gate


class ServingView(nn.Module):
    """A stack that reads the same rows for every member, as a bundle serves it.

    It takes, in the order of `INPUT_NAMES`, only the inputs that its network reads.
    """

    def __init__(self, network: nn.Module, shape: NetworkShape, *, reads: tuple[str, ...]) -> None:
        super().__init__()
        self.network, self.shape, self.reads = network, shape, reads

    def forward(self, *given: Tensor) -> Tensor:
        """Raw outputs ``[M, B, H, K]``."""
        found = dict(zip(self.reads, given, strict=True))
        sizes = input_sizes(self.shape)
        every = (
            found[name] if name in found else given[0].new_zeros(given[0].shape[0], *sizes[name])
            for name in INPUT_NAMES
        )
        n_members = self.shape.n_members
        shared = [one.unsqueeze(0).expand(n_members, *one.shape) for one in every]
        raw: Tensor = self.network(*shared)
        return raw


def input_sizes(shape: NetworkShape) -> dict[str, tuple[int, ...]]:
    """Sizes of each input of a graph, without the rows."""
    return {
        "features": (shape.n_features,),
        "sequence": (shape.window, shape.n_channels),
        "cross_section": (shape.n_cross,),
    }


def export_onnx(trained: TrainedStack, members: Sequence[int], *, catalogue: Catalogue) -> ExportedGraph:
    """Some members of a stack as one ONNX graph.

    Parameters
    ----------
    trained : TrainedStack
        What `barograph.train.loop.train_stack` gave.
    members : sequence of int
        Positions in the stack. They are fed the same rows, prepared alike, so they belong to one fold.
    catalogue : Catalogue
        The one that the stack was trained with.

    Returns
    -------
    ExportedGraph
        Its rows are free, its window fixed; parity held at `PARITY_ROWS` rows.

    Raises
    ------
    BundleError
        Where the graph froze its rows, or differs from the network by more than `PARITY_TOLERANCE` and
        rounding allow.
    """
    chosen = trained.take(members)
    network = restored(chosen, catalogue=catalogue)
    reads = inputs_read(network, chosen.shape)
    view = ServingView(network, chosen.shape, reads=tuple(n for n in INPUT_NAMES if n in reads)).eval()
    model = _exported(view)
    inputs = _checked_dimensions(model, view)
    content = model.SerializeToString()
    return ExportedGraph(content, inputs, _parity(content, view, inputs))


def _exported(view: ServingView) -> ModelProto:
    """The graph of a view; `Dim.AUTO`, since a named dimension may be frozen without a word (torch 2.13)."""
    example = tuple(torch.from_numpy(values) for values in _example(view, 3).values())
    rows = ({0: torch.export.Dim.AUTO},) * len(example)
    with _quiet():
        program = torch.onnx.export(
            view,
            example,
            dynamo=True,
            dynamic_shapes=(rows,),
            input_names=list(view.reads),
            output_names=[OUTPUT_NAME],
            verbose=False,
        )
    if program is None:
        raise BundleError(
            "torch must hand over an ONNX graph",
            came="it gave none",
            do="Install a version of torch and onnxscript that fit each other",
        )
    return program.model_proto


@contextmanager
def _quiet() -> Iterator[None]:
    """Without two messages that are the exporter's own affair.

    It logs on every call that there is no torchvision, which nothing here uses; and it copies a tree whose
    class torch itself has declared obsolete.
    """
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)`", FutureWarning)
            yield
    finally:
        logger.setLevel(level)


def _example(view: ServingView, n_rows: int) -> dict[str, Float32Array]:
    """Standardised rows, drawn at random; always the same."""
    stream = generator(0, "parity", n_rows)
    sizes = input_sizes(view.shape)
    return {name: stream.normal(size=(n_rows, *sizes[name])).astype(np.float32) for name in view.reads}


def _checked_dimensions(model: ModelProto, view: ServingView) -> tuple[str, ...]:
    """The names of the graph's inputs, after making sure that rows are free and everything else is fixed."""
    sizes = input_sizes(view.shape)
    names = []
    for one in model.graph.input:
        dimensions = one.type.tensor_type.shape.dim
        rows_are_free = bool(dimensions[0].dim_param) and not dimensions[0].HasField("dim_value")
        rest = tuple(d.dim_value for d in dimensions[1:])
        if one.name not in sizes or not rows_are_free or rest != sizes[one.name]:
            raise BundleError(
                f"input '{one.name}' of a graph must have free rows and then {sizes.get(one.name)}",
                came=f"got {[d.dim_param or d.dim_value for d in dimensions]}",
                do="Report this together with the version of torch",
            )
        names.append(one.name)
    return tuple(names)


def _parity(content: bytes, view: ServingView, inputs: tuple[str, ...]) -> float:
    """The largest difference between graph and network over `PARITY_ROWS`; too large is an error.

    Both compute in single precision, each in its own order. Where sums of many large terms cancel, the
    network itself is off its exact answer (in double precision) by about the tolerance: a graph may then
    differ from it by `ROUNDING_ROOM` times that much.
    """
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    worst = rounding = 0.0
    for n_rows in PARITY_ROWS:
        example = _example(view, n_rows)
        ours, exact = _answer(view, example), _answer(copy.deepcopy(view).double(), example)
        (graphs,) = session.run([OUTPUT_NAME], {name: example[name] for name in inputs})
        scale = np.maximum(np.abs(ours), 1.0)
        difference = np.abs(graphs - ours) / scale
        same = graphs.shape == ours.shape and bool(np.isfinite(difference).all())
        worst = max(worst, float(difference.max())) if same else np.inf
        rounding = max(rounding, float((np.abs(ours - exact) / scale).max()))
    allowed = max(PARITY_TOLERANCE, ROUNDING_ROOM * rounding)
    if not worst <= allowed:
        raise BundleError(
            f"a graph must answer like its network, to {allowed:.1e}",
            came=f"the largest difference was {worst:.1e}",
            do="Report this together with the versions of torch and onnxruntime",
        )
    return worst


def _answer(view: ServingView, example: Mapping[str, Float32Array]) -> FloatArray:
    """What a view says, computed in its own precision."""
    dtype = next(view.parameters()).dtype
    with torch.no_grad():
        raw = view(*(torch.from_numpy(values).to(dtype) for values in example.values()))
    return np.asarray(raw.numpy(), dtype=np.float64)
