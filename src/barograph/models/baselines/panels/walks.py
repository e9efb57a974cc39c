"""Random walks with and without drift, and autoregressions by BIC."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted_panels import PanelAutoregressionParameters, PanelDriftParameters
from barograph.models.baselines.panels.past import Past

LEAST_PER_COEFFICIENT = 5
"""Rows per coefficient of the largest order; shorter series try fewer lags."""


def fit_random_walk(past: Past) -> PanelDriftParameters:
    """The last known value (for order 2: and its last change)."""
    return PanelDriftParameters(np.zeros(len(past.series)))


def fit_drift(past: Past) -> PanelDriftParameters:
    """The last known value plus the mean change of the past; none for order 2, whose growth walks."""
    moves = past.moves
    known = np.isfinite(moves)
    mean = np.where(known, moves, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return PanelDriftParameters(np.where(past.orders == 2, 0.0, mean))


def fit_autoregression(past: Past) -> PanelAutoregressionParameters:
    r"""Least squares of each series (differenced as its order says) on its own p newest values.

    p from 0 to `Past.lags` by :math:`n\log(\mathrm{RSS}/n) + (p + 1)\log n` (Schwarz 1978), all orders on the
    same rows. A series with too few rows keeps its anchor: order 0 a coefficient of one, others none.
    """
    x = past.differenced
    entities = x.shape[1]
    intercept, coefficients = np.zeros(entities), np.zeros((entities, max(past.lags, 1)))
    for e in range(entities):
        found = _chosen(x[:, e], past.lags)
        if found is None:
            coefficients[e, 0] = 1.0 if past.orders[e] == 0 else 0.0
            continue
        intercept[e] = found[0]
        coefficients[e, : found.size - 1] = found[1:]
    return PanelAutoregressionParameters(intercept, coefficients, past.orders)


def _chosen(x: FloatArray, lags: int) -> FloatArray | None:
    """Intercept and coefficients of the order with the smallest BIC; None where rows are too few."""
    n = x.size
    if n <= lags:
        return None
    table = np.column_stack([x[lags - lag : n - lag] for lag in range(lags + 1)])  # own value, then lags
    table = table[np.isfinite(table).all(axis=1)]
    most = min(lags, table.shape[0] // LEAST_PER_COEFFICIENT - 1)
    if most < 1 or np.ptp(table[:, 0]) == 0.0:
        return None
    best, height = None, np.inf
    for order in range(most + 1):
        design = np.column_stack([np.ones(table.shape[0]), table[:, 1 : order + 1]])
        solution = np.linalg.lstsq(design, table[:, 0], rcond=None)[0]
        rss = max(float(((table[:, 0] - design @ solution) ** 2).sum()), 1e-300)
        rows = table.shape[0]
        bic = rows * float(np.log(rss / rows)) + (order + 1) * float(np.log(rows))
        if bic < height:
            best, height = solution, bic
    return None if best is None else np.asarray(best, dtype=np.float64)
