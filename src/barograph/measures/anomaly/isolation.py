"""Isolation forest: how few random cuts set a record apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.fitted_anomaly import IsolationForestParameters
from barograph.measures.anomaly.inputs import finite_matrix

PATHS_AT_ONCE = 100_000
"""Rows times trees walked at a time."""


def isolation_score(fitted: IsolationForestParameters, matrix: AnyArray) -> FloatArray:
    """``2 ** (-mean path length / usual path length)``, [n] in (0, 1).

    Liu, Ting and Zhou (2008), "Isolation forest", equation 2. Values are compared in float32, as
    scikit-learn does, which fits the trees.
    """
    values = as_float32(finite_matrix(matrix, fitted.n_columns))
    feature, left, right = (one.astype(np.intp) for one in (fitted.feature, fitted.left, fitted.right))
    children = np.stack([left, right], axis=1).ravel()
    threshold, roots = fitted.threshold.astype(np.float32), fitted.roots.astype(np.intp)
    step = max(1, PATHS_AT_ONCE // roots.size)
    mean = np.empty(values.shape[0])
    for since in range(0, values.shape[0], step):
        some = values[since : since + step]
        row = (np.arange(some.shape[0]) * some.shape[1])[:, np.newaxis]
        node = np.broadcast_to(roots, (some.shape[0], roots.size))
        for _ in range(fitted.levels):
            above = some.take(row + feature.take(node)) > threshold.take(node)
            node = children.take(2 * node + above)
        mean[since : since + step] = fitted.length.take(node).mean(axis=1)
    return np.asarray(np.exp2(-mean / fitted.usual))


def usual_path_length(n_rows: npt.ArrayLike) -> FloatArray:
    """Mean path length of an unsuccessful search in a random binary tree of n rows, shape of `n_rows`.

    Liu, Ting and Zhou (2008), equation 1: ``2 (ln(n - 1) + γ) - 2 (n - 1) / n``; 1 for two rows, 0 for one.
    """
    n = np.asarray(n_rows, dtype=np.float64)
    more = np.maximum(n, 3.0)
    long = 2.0 * (np.log(more - 1.0) + np.euler_gamma) - 2.0 * (more - 1.0) / more
    return np.where(n > 2.0, long, np.where(n == 2.0, 1.0, 0.0))


def as_float32(values: FloatArray) -> npt.NDArray[np.float32]:
    """The values as float32, the largest of which stands for anything beyond."""
    most = float(np.finfo(np.float32).max)
    return np.clip(values, -most, most).astype(np.float32)
