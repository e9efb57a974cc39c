"""Factors that move by vector autoregressions: Nelson-Siegel, principal components, the series themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_panels import PanelFactorParameters
from barograph.measures.curves import nelson_siegel
from barograph.measures.panels.factors import states
from barograph.models.baselines.panels.past import Past

COMPONENTS = 3
LEAST_ROWS = 24
"""Pairs of states that an autoregression of factors is fitted on, at least."""

Part = tuple[FloatArray, FloatArray, FloatArray]
"""Center ``[E_g]``, loadings ``[E_g, K_g]`` and reads ``[E_g]`` of one group."""


def fit_dns_ar(past: Past) -> PanelFactorParameters:
    """Dynamic Nelson-Siegel, each factor an autoregression of order one (Diebold and Li 2006)."""
    return _fitted(past, _nelson_siegel, joint=False)


def fit_dns_var(past: Past) -> PanelFactorParameters:
    """Dynamic Nelson-Siegel, the three factors a vector autoregression of order one."""
    return _fitted(past, _nelson_siegel, joint=True)


def fit_pca_var(past: Past) -> PanelFactorParameters:
    """Three principal components (standardised series), a vector autoregression of order one."""
    return _fitted(past, _principal, joint=True)


def fit_var(past: Past) -> PanelFactorParameters:
    """The series themselves as a vector autoregression of order one; series with gaps follow the others."""
    return _fitted(past, _itself, joint=True)


def _fitted(
    past: Past, part: Callable[[Past, list[int]], Part | None], *, joint: bool
) -> PanelFactorParameters:
    """Factors of every group with enough series; series of other groups have NaN centers."""
    x, entities = past.differenced, len(past.series)
    center, reads = np.full(entities, np.nan), np.zeros(entities)
    blocks: list[tuple[list[int], FloatArray]] = []
    for places in past.groups():
        found = part(past, places)
        if found is not None:
            center[places], reads[places] = found[0], found[2]
            blocks.append((places, found[1]))
    size = sum(loadings.shape[1] for _, loadings in blocks)
    loadings, intercept, transition = np.zeros((entities, size)), np.zeros(size), np.zeros((size, size))
    since = 0
    for places, own in blocks:
        inside = slice(since, since + own.shape[1])
        loadings[places, inside] = own
        told = [place for place in places if reads[place]]
        path = states(x[:, told] - center[told], loadings[told, inside])
        intercept[inside], transition[inside, inside] = _autoregression(path, joint=joint)
        since += own.shape[1]
    return PanelFactorParameters(past.orders, center, loadings, reads, intercept, transition)


def _nelson_siegel(past: Past, places: list[int]) -> Part | None:
    tenors = [past.series[place].tenor for place in places]
    known = [tenor for tenor in tenors if tenor is not None]
    if len(known) < max(len(places), COMPONENTS + 1):
        return None
    loadings = nelson_siegel.loadings(np.array(known), past.factor_decay)
    return np.zeros(len(places)), loadings, np.ones(len(places))


def _principal(past: Past, places: list[int]) -> Part | None:
    x = past.differenced[:, places]
    told = np.flatnonzero(past.covered()[places])
    if told.size < COMPONENTS + 1:
        return None
    rows = np.isfinite(x[:, told]).all(axis=1)
    mean, spread = x[rows][:, told].mean(axis=0), x[rows][:, told].std(axis=0)
    spread = np.where(spread > 0.0, spread, 1.0)
    _, _, axes = np.linalg.svd((x[rows][:, told] - mean) / spread, full_matrices=False)
    return _followed(x, told, mean, axes[:COMPONENTS].T * spread[:, None])


def _itself(past: Past, places: list[int]) -> Part | None:
    x = past.differenced[:, places]
    told = np.flatnonzero(past.covered()[places])
    if not told.size:
        return None
    return _followed(x, told, np.zeros(told.size), np.eye(told.size))


def _followed(x: FloatArray, told: IntArray, mean: FloatArray, axes: FloatArray) -> Part:
    """Loadings of all series of a group: of those that tell of the state, and of the rest by regression."""
    center, loadings = np.full(x.shape[1], np.nan), np.zeros((x.shape[1], axes.shape[1]))
    center[told], loadings[told] = mean, axes
    reads = np.zeros(x.shape[1])
    reads[told] = 1.0
    state = states(x[:, told] - mean, axes)
    design = np.column_stack([np.ones(x.shape[0]), state])
    for place in np.flatnonzero(reads == 0.0):
        rows = np.isfinite(x[:, place]) & np.isfinite(state).all(axis=1)
        if rows.sum() >= LEAST_ROWS + design.shape[1]:
            solution = np.linalg.lstsq(design[rows], x[rows, place], rcond=None)[0]
            center[place], loadings[place] = solution[0], solution[1:]
    return center, loadings, reads


def _autoregression(path: FloatArray, *, joint: bool) -> tuple[FloatArray, FloatArray]:
    """Intercept ``[K]`` and transition ``[K, K]`` by least squares; NaN where rows are too few."""
    size = path.shape[1]
    rows = np.isfinite(path[1:]).all(axis=1) & np.isfinite(path[:-1]).all(axis=1)
    before, after = path[:-1][rows], path[1:][rows]
    if before.shape[0] < LEAST_ROWS + size:
        return np.full(size, np.nan), np.full((size, size), np.nan)
    if joint:
        design = np.column_stack([np.ones(before.shape[0]), before])
        solution = np.linalg.lstsq(design, after, rcond=None)[0]
        return np.asarray(solution[0]), np.asarray(solution[1:].T)
    mean_before, mean_after = before.mean(axis=0), after.mean(axis=0)
    spread = ((before - mean_before) ** 2).sum(axis=0)
    slope = ((before - mean_before) * (after - mean_after)).sum(axis=0) / np.where(spread > 0, spread, 1.0)
    return mean_after - slope * mean_before, np.diag(slope)
