"""Stacks of scorers as ONNX graphs: the same answers for one record and for many."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from planted_records import HELD_OUT, SMALL, planted

from barograph.models.scorers import RECONSTRUCTORS, SCORERS, SCORING_CATALOGUE
from barograph.train.export import PARITY_TOLERANCE, export_onnx
from barograph.train.record_data import predict_records
from barograph.train.stack import MemberHistory, TrainedStack

torch.set_num_threads(1)

NEW = [("tabm", 0), ("autoencoder", 6), ("transformer", 6), *((key, 0) for key in RECONSTRUCTORS)]
"""Networks that only records have; the others, and these with or without a history, in the long version."""
CASES = [
    pytest.param(key, steps, marks=() if (key, steps) in NEW else pytest.mark.soak, id=f"{key}-{steps}")
    for key in (*SCORERS, *RECONSTRUCTORS)
    for steps in (0, 6)
    if steps or key not in SCORERS or not SCORERS[key].needs_sequence
]


def shaken(key: str, steps: int) -> TrainedStack:
    """Three members whose every weight was moved at random, after a journey through bytes."""
    data, settings = planted(steps=steps), SMALL.get(key, {})
    shape = data.shape(3, n_outputs=data.features.shape[1] if key in RECONSTRUCTORS else 2)
    stream = np.random.default_rng(5)
    weights = {
        name: (values.detach().numpy() + stream.normal(0, 0.2, values.shape)).astype(np.float32)
        for name, values in SCORING_CATALOGUE.build(key, settings, shape, [1, 2, 3]).named_parameters()
    }
    history = (MemberHistory(1, 0.1, 1.0, 10, 0),) * 3
    return TrainedStack.from_bytes(TrainedStack(key, settings, "hazard", shape, weights, history).to_bytes())


@pytest.mark.parametrize(("key", "steps"), CASES)
def test_a_graph_answers_like_its_network_for_one_record_and_for_more(key: str, steps: int) -> None:
    data, stack = planted(steps=steps), shaken(key, steps)
    graph = export_onnx(stack, [0, 2], catalogue=SCORING_CATALOGUE)
    assert graph.parity <= PARITY_TOLERANCE
    inputs = onnx.load_from_string(graph.content).graph.input
    assert all(one.type.tensor_type.shape.dim[0].dim_param for one in inputs)
    assert tuple(one.name for one in inputs) == graph.inputs
    reads = SCORERS[key].network.reads if key in SCORERS else {"features"}
    assert set(graph.inputs) == (reads if steps else reads - {"sequence"})
    session = onnxruntime.InferenceSession(graph.content, providers=["CPUExecutionProvider"])
    for count in (1, 7, 300):
        rows = HELD_OUT[:count]
        expected = predict_records(stack, data, rows, catalogue=SCORING_CATALOGUE)[[0, 2]]
        (raw,) = session.run(["raw"], {name: getattr(data, name)[rows] for name in graph.inputs})
        assert raw.shape == expected.shape
        np.testing.assert_allclose(raw, expected, rtol=1e-4, atol=1e-5)
