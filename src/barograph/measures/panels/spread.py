"""How far levels move: moving and GARCH variances of one-step changes, and deviations over several steps."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_panels import PanelScaleParameters
from barograph.measures.panels.moves import spreads

LONG_SHARE = 0.05
"""Weight of the mean of all squares so far in `moving_variances`: a standstill never looks riskless."""
LEAST_DEVIATION = 1e-6
"""Smallest one-step deviation, on the work scale (a hundredth of a basis point of a rate)."""


def moving_variances(
    innovations: FloatArray, half_life: float, *, warm: int
) -> tuple[FloatArray, FloatArray]:
    r"""One-step variance after each row, and the mean of all squares so far, both ``[T, E]``.

    .. math:: .95\,h_t + .05\,\bar x^2_t,\qquad h_t = \lambda h_{t-1} + (1 - \lambda) x_t^2

    with :math:`\lambda = 2^{-1/\text{half-life}}`. A missing value is no news. Started at the mean of the
    first `warm` squares; NaN before that. Row t uses rows 0 … t alone.
    """
    known = np.isfinite(innovations)
    square = np.where(known, innovations, 0.0) ** 2
    count = np.cumsum(known, axis=0)
    mean = np.cumsum(square, axis=0) / np.maximum(count, 1)
    decay = 0.5 ** (1.0 / half_life)
    moving = np.full(square.shape, np.nan)
    for column in range(square.shape[1]):
        rows = np.flatnonzero(known[:, column])
        if rows.size < warm:
            continue
        start = float(square[rows[:warm], column].mean())
        seen = square[rows[warm:], column]
        path = _remembered(decay, (1.0 - decay) * seen, start)
        held = np.cumsum(known[:, column]) - warm  # position in `path`
        moving[held >= 0, column] = path[held[held >= 0]]
    least = LEAST_DEVIATION**2
    mean = np.where(np.isfinite(moving), np.maximum(mean, least), np.nan)
    return np.maximum((1.0 - LONG_SHARE) * moving + LONG_SHARE * mean, least), mean


def garch_variances(parameters: PanelScaleParameters, innovations: FloatArray) -> FloatArray:
    """Variance of the step after each row, ``[T, E]``; a missing value is no news."""
    known = np.isfinite(innovations)
    square = np.where(known, innovations, 0.0) ** 2
    out = np.empty(square.shape)
    for e in range(square.shape[1]):
        news = parameters.omega[e] + parameters.alpha[e] * square[known[:, e], e]
        beta = float(parameters.beta[e])
        start = float(parameters.start[e])
        path = _remembered(beta, news, start)
        out[:, e] = path[np.cumsum(known[:, e])]
    return out


def _remembered(keep: float, news: FloatArray, start: float) -> FloatArray:
    """``h[t + 1] = keep h[t] + news[t]`` from ``h[0] = start``, [n + 1]."""
    return np.array(list(accumulate(news.tolist(), lambda h, new: keep * h + new, initial=start)))


def garch_deviation(
    parameters: PanelScaleParameters, innovations: FloatArray, orders: FloatArray, steps: IntArray
) -> FloatArray:
    r"""Deviation of outcome less anchor, ``[T, E, H]``.

    The sum over steps of :math:`E\,h = \omega + (\alpha + \beta) E\,h_{-1}`; for order 2 the step i of k
    moves the level k - i + 1 times.
    """
    variance = garch_variances(parameters, innovations)
    decay = np.minimum(parameters.alpha + parameters.beta, 1.0)
    ahead = []
    for _ in range(int(steps.max())):
        ahead.append(variance)
        variance = parameters.omega + decay * variance
    path = np.stack(ahead, axis=2)  # [T, E, S]
    step = np.arange(1, path.shape[2] + 1)
    total = np.empty((*path.shape[:2], steps.shape[1]))
    for h in range(steps.shape[1]):
        left = steps[:, h][:, None] - step + 1.0  # [E, S]
        weights = np.where(left > 0, np.where(orders[:, None] == 2, left**2, 1.0), 0.0)
        total[:, :, h] = (path * weights).sum(axis=2)
    return np.sqrt(np.maximum(total, spreads(steps, orders) * LEAST_DEVIATION**2))
