"""GARCH(1,1) of one-step moves by quasi maximum likelihood with variance targeting."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.signal import lfilter

from barograph.core.arrays import FloatArray
from barograph.core.fitted_panels import PanelScaleParameters
from barograph.measures.panels.spread import LEAST_DEVIATION
from barograph.models.baselines.panels.past import Past

LEAST_MOVES = 40
"""Known moves of a series; with fewer its variance is constant."""
FEWEST_MOVES = 10
"""With fewer moves a series has no variance (NaN)."""
STARTS = ((0.05, 0.90), (0.10, 0.80), (0.20, 0.60))
LARGEST = 0.999
"""Largest alpha + beta."""


def fit_garch(past: Past) -> PanelScaleParameters:
    r"""Each series' own GARCH(1,1).

    .. math:: h_{t+1} = \bar x^2 (1 - \alpha - \beta) + \alpha x_t^2 + \beta h_t

    :math:`\bar x^2` is the mean square of the moves (variance targeting: Francq, Horvath and Zakoian 2011),
    :math:`\alpha, \beta` maximise the normal likelihood, which is consistent for the variance whatever the
    tails (Bollerslev and Wooldridge 1992). The best of three starts; moves have mean zero.
    """
    moves = past.moves
    rows = [_fitted(moves[np.isfinite(moves[:, e]), e]) for e in range(moves.shape[1])]
    table = np.array(rows)
    return PanelScaleParameters(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


def _fitted(x: FloatArray) -> tuple[float, float, float, float]:
    """Omega, alpha, beta and the variance before the first move."""
    if x.size < FEWEST_MOVES:
        return 0.0, 0.0, 1.0, float("nan")
    target = max(float(np.mean(x**2)), LEAST_DEVIATION**2)
    if x.size < LEAST_MOVES:
        return 0.0, 0.0, 1.0, target
    square = x**2 / target

    def height(point: FloatArray) -> float:
        alpha, beta = _inside(point)
        news = (1.0 - alpha - beta) + alpha * square[:-1]
        variance = np.append(1.0, lfilter([1.0], [1.0, -beta], news, zi=[beta])[0])
        return float(np.mean(np.log(variance) + square / variance))

    found = min(
        (
            minimize(height, _outside(*start), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-7})
            for start in STARTS
        ),
        key=lambda one: float(one.fun),
    )
    alpha, beta = _inside(found.x)
    return (1.0 - alpha - beta) * target, alpha, beta, target


def _inside(point: FloatArray) -> tuple[float, float]:
    """Alpha and beta with 0 < alpha + beta < `LARGEST` from any two numbers."""
    total = LARGEST / (1.0 + float(np.exp(-np.clip(point[0], -30.0, 30.0))))
    share = 1.0 / (1.0 + float(np.exp(-np.clip(point[1], -30.0, 30.0))))
    return total * share, total * (1.0 - share)


def _outside(alpha: float, beta: float) -> FloatArray:
    """The inverse of `_inside`."""
    total, share = (alpha + beta) / LARGEST, alpha / (alpha + beta)
    return np.array([np.log(total / (1.0 - total)), np.log(share / (1.0 - share))])
