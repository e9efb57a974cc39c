"""Factors of a panel: states read off the series that are known, and forecasts by a VAR."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_panels import (
    PanelAutoregressionParameters,
    PanelDriftParameters,
    PanelFactorParameters,
)
from barograph.measures.panels.moves import anchors, differenced, put_together


def states(values: FloatArray, loadings: FloatArray) -> FloatArray:
    """Least-squares coordinates of rows ``[n, E]`` on loadings ``[E, K]``, by the values that are known.

    Returns
    -------
    array [n, K]
        NaN where the known values do not determine a state.
    """
    out = np.full((values.shape[0], loadings.shape[1]), np.nan)
    known = np.isfinite(values)
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        chosen = loadings[pattern]
        if np.linalg.matrix_rank(chosen) < loadings.shape[1]:
            continue
        rows = np.flatnonzero(which.ravel() == number)
        out[rows] = values[rows][:, pattern] @ np.linalg.pinv(chosen).T
    return out


def factor_states(parameters: PanelFactorParameters, known: FloatArray) -> FloatArray:
    """The state at each row, ``[n, K]``, of newest known values ``[n, E]``."""
    x = differenced(known, parameters.orders) - parameters.center
    reads = parameters.reads > 0
    return states(x[:, reads], parameters.loadings[reads])


def factor_mean(parameters: PanelFactorParameters, known: FloatArray, steps: IntArray) -> FloatArray:
    """Forecasts ``[n, E, H]`` on the work scale; NaN where a row has no state."""
    state = factor_states(parameters, known)
    path = []
    for _ in range(int(steps.max())):
        state = parameters.intercept + state @ parameters.transition.T
        path.append(parameters.center + state @ parameters.loadings.T)
    return put_together(np.stack(path, axis=1), known, parameters.orders, steps)


def autoregression_mean(
    parameters: PanelAutoregressionParameters, known: FloatArray, steps: IntArray
) -> FloatArray:
    """Forecasts ``[n, E, H]`` on the work scale, iterated; NaN where a lag that is used is missing."""
    x = differenced(known, parameters.orders)
    n, entities = x.shape
    n_lags = parameters.coefficients.shape[1]
    lags = np.full((n_lags, n, entities), np.nan)
    for lag in range(min(n_lags, n)):
        lags[lag, lag:] = x[: n - lag]
    weights = parameters.coefficients.T[:, None]  # [P, 1, E]
    path = []
    for _ in range(int(steps.max())):
        used = np.where(weights == 0.0, 0.0, weights * np.where(weights == 0.0, 0.0, lags))
        new = parameters.intercept + used.sum(axis=0)
        path.append(new)
        lags = np.concatenate([new[None], lags[:-1]])
    return put_together(np.stack(path, axis=1), known, parameters.orders, steps)


def drift_mean(
    parameters: PanelDriftParameters, known: FloatArray, orders: FloatArray, steps: IntArray
) -> FloatArray:
    """Anchor plus drift times steps, ``[n, E, H]``."""
    return np.asarray(anchors(known, orders, steps) + parameters.drift[:, None] * steps)
