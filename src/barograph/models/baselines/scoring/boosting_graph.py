"""A fitted booster as an ONNX graph that gives the library's answer on every row, checked before it leaves.

The trees are written here rather than by a converter: LightGBM splits at doubles between two float32 values,
and onnxmltools 1.16 rounds them to the nearest float32, which sends values at the edge the other way (a
probability wrong by 0.65 was seen); nor does it know `cross_entropy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import lightgbm
import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from barograph.core.arrays import FloatArray
from barograph.core.errors import BundleError
from barograph.core.seeds import generator
from barograph.models.baselines.scoring.boosting import Boosted, Float32Array, predict

INPUT_NAME = "coded"
OUTPUT_NAME = "prediction"
PARITY_ROWS = (1, 2, 7, 64)
"""Batch sizes at which graph and booster are compared, besides all rows at once."""
PARITY_TOLERANCE = 1e-5
"""Largest difference between graph and booster."""
PROBES = 512
"""Made rows of the comparison: values at the splits and next to them, missing, and far out."""
ZERO = float(np.float32(1e-35))
"""LightGBM's `kZeroThreshold` (include/LightGBM/meta.h)."""
_OPSETS = {"": 17, "ai.onnx.ml": 3}
_IR_VERSION = 9


def to_onnx(boosted: Boosted, *, rows: Float32Array | None = None) -> bytes:
    """The graph: ``coded[n, n_features]`` float32 (NaN missing) → ``prediction[n]`` float32, n free.

    The prediction is the probability of bad, or the loss for `regression`.

    Parameters
    ----------
    boosted : Boosted
    rows : float32 array [m, n_features] or None
        Records on which graph and booster are compared as well, such as those of training.

    Raises
    ------
    BundleError
        Where graph and booster differ by more than `PARITY_TOLERANCE` on any row or batch size, or the trees
        hold a split that is no threshold.
    """
    trees = lightgbm.Booster(model_str=boosted.text).dump_model()["tree_info"]
    nodes = _Nodes()
    for number, tree in enumerate(trees):
        nodes.add_tree(number, tree["tree_structure"])
    content = _graph(nodes, boosted)
    probes = _probes(nodes, boosted.n_features)
    _check_parity(content, boosted, probes if rows is None else np.concatenate([probes, rows]))
    return content


@dataclass(slots=True)
class _Nodes:
    """Attributes of ONNX's TreeEnsembleRegressor, one entry per node or leaf of all trees."""

    node: dict[str, list[Any]] = field(
        default_factory=lambda: {
            name: []
            for name in (
                "treeids", "nodeids", "featureids", "values", "modes",
                "truenodeids", "falsenodeids", "missing_value_tracks_true",
            )
        }
    )  # fmt: skip
    target: dict[str, list[Any]] = field(
        default_factory=lambda: {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
    )

    def add_tree(self, tree: int, root: Mapping[str, Any]) -> None:
        """Every node of one tree, numbered as they are met."""
        waiting, count = [(0, root)], 1
        while waiting:
            number, here = waiting.pop()
            if "split_feature" not in here:
                self._add(tree, number, 0, 0.0, "LEAF", (0, 0), False)
                leaf = (tree, number, 0, float(here["leaf_value"]))
                for name, value in zip(self.target, leaf, strict=True):
                    self.target[name].append(value)
                continue
            left, right, count = count, count + 1, count + 2
            threshold = _float32_below(_threshold(here))
            mode, children = "BRANCH_LEQ", (left, right)
            self._add(tree, number, here["split_feature"], threshold, mode, children, _missing_left(here))
            waiting += [(right, here["right_child"]), (left, here["left_child"])]

    def _add(self, tree: int, number: int, feature: int, value: float, mode: str, *rest: Any) -> None:
        (left, right), missing_left = rest
        entry = (tree, number, feature, value, mode, left, right, int(missing_left))
        for name, item in zip(self.node, entry, strict=True):
            self.node[name].append(item)


def _threshold(node: Mapping[str, Any]) -> float:
    if node["decision_type"] != "<=" or node["missing_type"] not in ("None", "NaN"):
        raise BundleError(
            "every split of a booster must be a threshold",
            came=f"got '{node['decision_type']}' with missing values as {node['missing_type']}",
            do="Fit it on numbers, without LightGBM's categorical features or zero_as_missing",
        )
    return float(node["threshold"])


def _float32_below(threshold: float) -> float:
    """The largest float32 that goes left: ``x <= it`` is the library's decision for every float32.

    LightGBM reads ``|x| <= ZERO`` as zero when it predicts, and cuts at ``-ZERO`` and ``ZERO`` around it.
    """
    if abs(threshold) <= ZERO:
        threshold = ZERO if threshold >= 0.0 else float(np.nextafter(-ZERO, -np.inf))
    limit = float(np.finfo(np.float32).max)
    near = np.float32(np.clip(threshold, -limit, limit))
    return float(near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf)))


def _missing_left(node: Mapping[str, Any]) -> bool:
    """Where a missing value goes. A column without any in training reads it as zero."""
    if node["missing_type"] == "NaN":
        return bool(node["default_left"])
    return _threshold(node) >= 0.0


def _graph(nodes: _Nodes, boosted: Boosted) -> bytes:
    attributes: dict[str, Any] = {f"nodes_{name}": values for name, values in nodes.node.items()}
    attributes |= {f"target_{name}": values for name, values in nodes.target.items()}
    trees = helper.make_node(
        "TreeEnsembleRegressor",
        [INPUT_NAME],
        ["sum"],
        domain="ai.onnx.ml",
        n_targets=1,
        post_transform="NONE",
        aggregate_function="SUM",
        **attributes,
    )
    steps = [trees, helper.make_node("Reshape", ["sum", "flat"], ["row_sum"])]
    last = "Sigmoid" if boosted.is_probability else "Identity"
    steps.append(helper.make_node(last, ["row_sum"], [OUTPUT_NAME]))
    graph = helper.make_graph(
        steps,
        "boosted_trees",
        [helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, [None, boosted.n_features])],
        [helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, [None])],
        [helper.make_tensor("flat", TensorProto.INT64, [1], [-1])],
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="barograph")
    return bytes(model.SerializeToString())


def _probes(nodes: _Nodes, n_features: int) -> Float32Array:
    """Rows whose values lie at a split of their column, next to it, far from all, or are missing."""
    stream = generator(0, "boosting parity")
    rows = np.full((PROBES, n_features), np.nan, dtype=np.float32)
    is_split = np.array(nodes.node["modes"]) != "LEAF"
    feature = np.array(nodes.node["featureids"])
    value = np.array(nodes.node["values"], dtype=np.float32)
    far = np.array([np.nan, 0.0, -1.0, 1e6, -1e6], dtype=np.float32)
    for column in range(n_features):
        splits = np.unique(value[is_split & (feature == column)])
        next_to = np.nextafter(splits, np.finfo(np.float32).max)
        rows[:, column] = stream.choice(np.concatenate([splits, next_to, far]), size=PROBES)
    return rows


def _check_parity(content: bytes, boosted: Boosted, rows: Float32Array) -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    expected: FloatArray = predict(boosted, rows)
    for size in (*PARITY_ROWS, len(rows)):
        answer = session.run([OUTPUT_NAME], {INPUT_NAME: rows[:size]})[0]
        worst = float(np.abs(answer - expected[:size]).max())
        if answer.shape != (min(size, len(rows)),) or not worst <= PARITY_TOLERANCE:
            raise BundleError(
                f"the graph of a booster must give its predictions to {PARITY_TOLERANCE:g}",
                came=f"on {size} rows they differ by {worst:.2g}",
                do="Fit it with fewer trees or a smaller learning rate",
            )
