"""Isolation forest (Liu, Ting and Zhou 2008), fitted by scikit-learn and taken apart into plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_anomaly import IsolationForestParameters
from barograph.measures.anomaly.inputs import finite_matrix
from barograph.measures.anomaly.isolation import as_float32, usual_path_length

TREES = 300
SAMPLE = 256
"""Rows of each tree, as in the paper."""


def fit_isolation_forest(
    matrix: FloatArray, *, seed: int, trees: int = TREES, sample: int = SAMPLE
) -> IsolationForestParameters:
    """Grow the trees (see `measures.anomaly.isolation`); the same arguments give the same forest.

    Parameters
    ----------
    matrix : array [n, F]
        Finite, n at least 2.
    seed : int
    trees : int
    sample : int
        Rows drawn without replacement for each tree; all where there are fewer.
    """
    values = as_float32(finite_matrix(matrix, least_rows=2))
    rows = min(sample, values.shape[0])
    forest = IsolationForest(n_estimators=trees, max_samples=rows, n_jobs=1, random_state=seed % 2**32)
    forest.fit(values)
    grown = [one.tree_ for one in forest.estimators_]
    sizes = np.array([tree.node_count for tree in grown])
    roots = np.cumsum(sizes) - sizes
    parts = [_plain(tree, int(root)) for tree, root in zip(grown, roots, strict=True)]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return IsolationForestParameters(
        roots=roots.astype(np.float64),
        **joined,
        levels=max(int(tree.max_depth) for tree in grown),
        usual=float(usual_path_length(rows)),
        n_columns=values.shape[1],
    )


def _plain(tree: Any, root: int) -> dict[str, FloatArray]:
    """A tree of scikit-learn as the fields of `IsolationForestParameters`, its nodes numbered from `root`."""
    leaf = tree.children_left < 0
    own = np.arange(tree.node_count)
    rest = usual_path_length(tree.n_node_samples)
    return {
        "feature": np.where(leaf, 0, tree.feature).astype(np.float64),
        "threshold": np.where(leaf, 0.0, _rounded_down(tree.threshold)),
        "left": (np.where(leaf, own, tree.children_left) + root).astype(np.float64),
        "right": (np.where(leaf, own, tree.children_right) + root).astype(np.float64),
        "length": np.where(leaf, _depths(tree) + rest, 0.0),
    }


def _rounded_down(threshold: FloatArray) -> FloatArray:
    """The largest float32 value not above each: a float32 value exceeds both or neither."""
    nearest = threshold.astype(np.float32)
    lower = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest.astype(np.float64) > threshold, lower, nearest).astype(np.float64)


def _depths(tree: Any) -> IntArray:
    """Steps from the root to each node; a parent comes before its children."""
    depth = np.zeros(tree.node_count, dtype=np.int64)
    for node in range(tree.node_count):
        for child in (tree.children_left[node], tree.children_right[node]):
            if child >= 0:
                depth[child] = depth[node] + 1
    return depth
