"""Ridge regressions on everything that was known: alone (ARX), and as a correction of an anchor."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted_levels import LevelLinearParameters
from barograph.models.baselines.levels.known import Known

LEAST_ROWS = 8
"""Known outcomes below which a regression says nothing (ARX) or nothing but its anchor (the control)."""


def fit_arx(known: Known, penalty: float) -> LevelLinearParameters:
    """Direct regression of each horizon on lags, estimates and exogenous inputs; the intercept is free."""
    return _fit(known, penalty, anchor=-1)


def fit_anchored(known: Known, penalty: float) -> LevelLinearParameters:
    """The linear control: the same inputs correct the anchor, and a large penalty leaves the anchor alone.

    The intercept is penalised too: a mean error of the past is believed only as far as the penalty allows.
    Shrinking towards a random walk rather than towards zero follows Litterman (1986).
    """
    return _fit(known, penalty, anchor=known.anchor)


def _fit(known: Known, penalty: float, *, anchor: int) -> LevelLinearParameters:
    r"""Minimises :math:`\frac1n\sum(y - a - b_0 - z b)^2 + \lambda|b|^2` for each horizon (Hoerl 1970)."""
    found = known.started(anchor)
    for horizon in range(known.outcome.shape[1]):
        rows = known.rows(horizon)
        start = known.inputs[rows, anchor] if anchor >= 0 else np.zeros(rows.size)
        usable = np.isfinite(start)
        rows, start = rows[usable], start[usable]
        if rows.size < LEAST_ROWS:
            continue
        center, spread = _moments(known.inputs[rows])
        z = np.clip((known.inputs[rows] - center) / spread, -known.limit, known.limit)
        z = np.nan_to_num(z, nan=0.0)
        target = known.outcome[rows, horizon] - start
        solution = _solved(z, target, penalty, free=anchor < 0)
        found.center[horizon], found.spread[horizon] = center, spread
        found.intercept[horizon], found.coefficients[horizon] = solution[0], solution[1:]
    return found


def _moments(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of each column without its missing values; 0 and 1 where there is none."""
    known = np.isfinite(x)
    count = np.maximum(known.sum(axis=0), 1)
    center = np.where(known, x, 0.0).sum(axis=0) / count
    spread = np.sqrt((np.where(known, x - center, 0.0) ** 2).sum(axis=0) / count)
    return center, np.where(spread > 1e-9, spread, 1.0)


def _solved(z: FloatArray, target: FloatArray, penalty: float, *, free: bool) -> FloatArray:
    """Intercept and coefficients; a free intercept is not penalised."""
    design = np.column_stack([np.ones(z.shape[0]), z])
    weights = np.full(design.shape[1], penalty * z.shape[0])
    weights[0] = 0.0 if free else weights[0]
    return np.asarray(np.linalg.solve(design.T @ design + np.diag(weights), design.T @ target))
