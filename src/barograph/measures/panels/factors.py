"""Factors of a panel: Nelson-Siegel loadings, states read off the series known, and forecasts by a VAR."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_panels import (
    PanelAutoregressionParameters,
    PanelDriftParameters,
    PanelFactorParameters,
)
from barograph.measures.panels.moves import anchors, differenced, put_together


def nelson_siegel_loadings(tenors: FloatArray, decay: float) -> FloatArray:
    r"""Loadings of level, slope and curvature, ``[n, 3]``.

    .. math:: 1,\quad \frac{1 - e^{-\lambda\tau}}{\lambda\tau},\quad
              \frac{1 - e^{-\lambda\tau}}{\lambda\tau} - e^{-\lambda\tau}

    Parameters
    ----------
    tenors : array [n]
        :math:`\tau > 0`, in the unit that makes `decay` a rate per unit (months here).
    decay : float
        :math:`\lambda`; .0609 per month puts the hump of curvature at 30 months.

    References
    ----------
    Diebold and Li (2006), Forecasting the term structure of government bond yields, J. Econometrics 130.

    Examples
    --------
    >>> nelson_siegel_loadings(np.array([30.0]), 0.0609).round(3).tolist()
    [[1.0, 0.459, 0.298]]
    """
    x = np.asarray(tenors, dtype=np.float64) * decay
    slope = -np.expm1(-x) / x
    return np.column_stack([np.ones(x.size), slope, slope - np.exp(-x)])


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
