"""Stacks as ONNX graphs and as bytes."""

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from planted_panel import WINDOW, members, planted

from barograph.core.errors import BundleError
from barograph.core.network import NetworkShape
from barograph.models.catalogue import CATALOGUE, NETWORKS, build
from barograph.train import export
from barograph.train.predict import predict_stack, restored
from barograph.train.stack import MemberHistory, TrainedStack

torch.set_num_threads(1)
VARIANTS = [
    *((key, {}) for key in NETWORKS),
    pytest.param("rnn", {"cell": "lstm"}, marks=pytest.mark.soak),
    pytest.param("transformer", {"layers": 2}, marks=pytest.mark.soak),
    pytest.param("cnn", {"kernel": 2}, marks=pytest.mark.soak),
]


def shaken(key: str, settings: dict) -> TrainedStack:
    """Three members whose every weight was moved at random."""
    shape = NetworkShape(3, 4, 2, WINDOW, 4, 2, 2)
    stream = np.random.default_rng(5)
    weights = {
        name: (values.detach().numpy() + stream.normal(0, 0.2, values.shape)).astype(np.float32)
        for name, values in build(key, settings, shape, [1, 2, 3]).named_parameters()
    }
    history = tuple(MemberHistory(i, 0.1 * i, 1.0, 10, 0) for i in range(3))
    return TrainedStack(key, settings, "student_t", shape, weights, history)


@pytest.mark.parametrize(("key", "settings"), VARIANTS, ids=str)
def test_a_graph_answers_like_its_network_for_any_number_of_rows(key: str, settings: dict) -> None:
    stack = shaken(key, settings)
    graph = export.export_onnx(stack, [0, 2], catalogue=CATALOGUE)
    assert graph.parity <= export.PARITY_TOLERANCE
    session = onnxruntime.InferenceSession(graph.content, providers=["CPUExecutionProvider"])
    assert tuple(one.name for one in session.get_inputs()) == graph.inputs
    assert set(graph.inputs) == NETWORKS[key].network.reads
    dimensions = {
        one.name: one.type.tensor_type.shape.dim for one in onnx.load_from_string(graph.content).graph.input
    }
    assert all(dims[0].dim_param for dims in dimensions.values())
    if "sequence" in dimensions:
        assert dimensions["sequence"][1].dim_value == WINDOW
    data, team = planted(), members(3)
    rows = np.arange(100, 113)
    expected = predict_stack(stack, [team[0]] * 3, data, [rows] * 3, catalogue=CATALOGUE)
    (raw,) = session.run(["raw"], standardised(rows, graph.inputs))
    np.testing.assert_allclose(raw, np.stack([expected[0], expected[2]]), rtol=1e-4, atol=1e-5)


def standardised(rows: np.ndarray, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The inputs of a graph by plain numpy; member 0 has means 0 and scales 1."""
    data = planted()
    windows = np.stack([data.channels[i - WINDOW + 1 : i + 1] for i in rows])
    every = {
        "features": np.column_stack([data.features[rows], data.fold_inputs[0, rows]]),
        "sequence": windows,
        "cross_section": data.cross_section[rows],
    }
    return {name: np.clip(every[name], -5, 5).astype(np.float32) for name in names}


def altered(content: bytes, by: float) -> bytes:
    """The graph with its largest table of weights moved a little."""
    model = onnx.load_from_string(content)
    largest = max(model.graph.initializer, key=lambda one: int(np.prod(one.dims)))
    values = onnx.numpy_helper.to_array(largest)
    largest.CopyFrom(onnx.numpy_helper.from_array(values * np.float32(1 + by), largest.name))
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("size", [1.0, 300.0], ids=["plain", "sums that cancel"])
def test_a_graph_that_differs_from_its_network_does_not_leave(size: float) -> None:
    """Large terms that cancel leave more rounding than the tolerance: room for that, and for nothing else."""
    plain = shaken("mlp", {}).take([0])
    stack = replace(plain, weights={name: one * np.float32(size) for name, one in plain.weights.items()})
    graph = export.export_onnx(stack, [0], catalogue=CATALOGUE)
    view = export.ServingView(restored(stack, catalogue=CATALOGUE), stack.shape, reads=graph.inputs)
    assert export._parity(graph.content, view.eval(), graph.inputs) == graph.parity
    for by in (1e-3, -1e-3):
        with pytest.raises(BundleError, match="answer like its network"):
            export._parity(altered(graph.content, by), view.eval(), graph.inputs)


def test_a_graph_that_froze_its_rows_does_not_leave() -> None:
    stack = shaken("mlp", {})
    model = onnx.load_from_string(export.export_onnx(stack, [0], catalogue=CATALOGUE).content)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 3
    network = build("mlp", {}, replace(stack.shape, n_members=1), [1])
    view = export.ServingView(network, stack.shape, reads=("features",))
    with pytest.raises(BundleError, match="free rows"):
        export._checked_dimensions(model, view)


def test_a_stack_survives_the_way_through_bytes() -> None:
    stack = shaken("rnn", {"cell": "lstm", "hidden": 3})
    again = TrainedStack.from_bytes(stack.to_bytes())
    assert (again.network, again.settings, again.head) == (stack.network, stack.settings, stack.head)
    assert again.shape == stack.shape
    assert again.history == stack.history
    for name, values in stack.weights.items():
        np.testing.assert_array_equal(values, again.weights[name])


@pytest.mark.parametrize("cut", [0, 5, 200, -1])
def test_damaged_bytes_are_refused(cut: int) -> None:
    with pytest.raises(BundleError, match="trained stack"):
        TrainedStack.from_bytes(shaken("linear", {}).to_bytes()[:cut])


def test_some_members_can_be_taken_from_a_stack() -> None:
    stack = shaken("mlp", {})
    taken = stack.take([2, 0])
    assert taken.shape.n_members == 2
    assert [history.best_step for history in taken.history] == [2, 0]
    for name, values in stack.weights.items():
        np.testing.assert_array_equal(taken.weights[name], values[[2, 0]])
