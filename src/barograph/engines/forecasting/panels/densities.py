"""From means and deviations at every origin to densities whose tails were learnt from errors known before."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.panel_table import PanelDensities, PanelForecast, PanelSamples
from barograph.engines.forecasting.panels.plan import PanelPlan
from barograph.measures.panels.tails import error_tails

LEAST_ERRORS = 60
"""Origins with known errors of its own before a model's tails come from them, not from the random walk's."""


def correction_weights(
    samples: PanelSamples,
    plan: PanelPlan,
    start: PanelForecast,
    corrected: FloatArray,
    *,
    limit: float,
    half_life: float,
) -> FloatArray:
    r"""Weight on a correction of the start at every fold and horizon, ``[n_folds, H]``.

    .. math:: w = \frac{\sum_i c_i e_i}{\sum_i c_i^2}\Big(1 - \frac1{t^2}\Big),\quad 0 \le w \le \text{limit}

    over series and origins forecast out of sample whose outcome was known at the fold's cut, with c the
    correction and e the start's error, both in the start's deviations, weighted by age. The bracket shrinks a
    weight that could be chance (James and Stein 1961): t is the statistic of the numerator with the sums of
    an origin as terms, its variance times the steps by which outcomes overlap. 0 while none is known.
    """
    first = plan.folds[0].cut
    correction = (corrected - start.mean) / start.deviation
    error = (samples.outcome - start.mean) / start.deviation
    overlap = samples.steps.max(axis=0)
    weights = np.zeros((len(plan.folds), error.shape[2]))
    for place, fold in enumerate(plan.folds):
        known = samples.known_by(fold.cut) & np.isfinite(correction) & np.isfinite(error)
        known[:first] = False
        if known.any():
            age = (0.5 ** ((fold.cut - np.arange(error.shape[0])) / half_life))[:, None]
            c, e = np.where(known, correction, 0.0), np.where(known, error, 0.0)
            terms, below = age * (c * e).sum(axis=1), (age[:, None] * c * c).sum(axis=(0, 1))
            above, variance = terms.sum(axis=0), (terms**2).sum(axis=0) * overlap
            chance = np.clip(1.0 - variance / np.where(above != 0.0, above, 1.0) ** 2, 0.0, 1.0)
            weights[place] = np.clip(above / np.where(below > 0.0, below, 1.0) * chance, 0.0, limit)
    return weights


def densities(
    samples: PanelSamples, plan: PanelPlan, candidate: PanelForecast, walk: PanelForecast, *, half_life: float
) -> tuple[PanelDensities, FloatArray]:
    """A candidate's densities at the origins of the plan, and its tails at the refit ``[E, H, levels]``.

    The tails of a fold come from the candidate's own errors out of sample whose outcome was known at its cut;
    while there are few of them, from those of the random walk, which has no fit. All models take this way.
    """
    first = plan.folds[0].cut
    own = (samples.outcome - candidate.mean) / candidate.deviation
    own[:first] = np.nan
    common = (samples.outcome - walk.mean) / walk.deviation
    common[~samples.admissible] = np.nan
    tails = [_tails(samples, own, common, fold.cut, half_life) for fold in plan.folds]
    rows = plan.origins
    block = np.concatenate([np.full(fold.test.size, place) for place, fold in enumerate(plan.tests)])
    every = np.stack(tails)
    found = PanelDensities(
        candidate.mean[rows], candidate.deviation[rows], every[:-1], block.astype(np.int64)
    )
    return found, every[-1]


def _tails(
    samples: PanelSamples, own: FloatArray, common: FloatArray, cut: int, half_life: float
) -> FloatArray:
    """Tails ``[E, H, levels]`` at a cut."""
    known = samples.known_by(cut)
    weight = 0.5 ** ((cut - np.arange(own.shape[0])) / half_life)
    found = []
    for horizon in range(own.shape[2]):
        seen = np.where(known[:, :, horizon], own[:, :, horizon], np.nan)
        if np.isfinite(seen).any(axis=1).sum() < LEAST_ERRORS + samples.steps[:, horizon].max():
            seen = np.where(known[:, :, horizon], common[:, :, horizon], np.nan)
        found.append(error_tails(seen, weight))
    return np.stack(found, axis=1)


def spread_over(plan: PanelPlan, weights: FloatArray, n_periods: int) -> FloatArray:
    """The weights of the folds ``[n_folds, H]`` at every origin they speak at, ``[T, H]``; 0 elsewhere."""
    out = np.zeros((n_periods, weights.shape[1]))
    for place, fold in enumerate(plan.tests):
        out[fold.test] = weights[place]
    return out


def places_of(origins: IntArray, among: IntArray) -> IntArray:
    """Places of some origins among ascending ones."""
    return np.searchsorted(among, origins).astype(np.int64)
