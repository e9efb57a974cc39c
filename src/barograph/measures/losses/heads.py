"""From a network's raw outputs to a forecast of losses: a corrected count, or a bent severity.

Raw zeros leave the conventional forecast as it is. `barograph.models.ledger_heads` trains the same maps in
torch; tests hold the two equal.
"""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from barograph.core.arrays import FloatArray

COUNT_OUTPUTS = 2
"""Corrections of the log mean and of the log dispersion."""
COUNT_LIMIT = 3.0
"""Both stay within ± this."""
LEAST_DISPERSION = 1e-6
"""Where a network starts if the conventional fit finds no dispersion."""

COMPONENTS = 3
WEIGHT_LIMIT, MEAN_LIMIT, SPREAD_LIMIT = 6.0, 2.5, 1.0
"""Bounds of log weights, of means in scores, and of log deviations."""
MEAN_GAINS = (1.0, 0.5, 2.0)
SPREAD_GAINS = (0.5, 1.0, 0.25)
"""Components start alike, and part because the same raw outputs move them by different amounts."""


def corrected_counts(
    raw: FloatArray, mean: FloatArray, dispersion: FloatArray, *, poisson: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Mean and dispersion of a count, from raw outputs ``[..., 2]`` and the conventional ones ``[...]``.

    With `poisson` the dispersion is 0 whatever the second output says.

    Examples
    --------
    >>> corrected_counts(np.zeros(2), np.array(3.0), np.array(0.5))
    (array(3.), array(0.5))
    """
    moved = np.clip(np.asarray(raw, dtype=np.float64), -COUNT_LIMIT, COUNT_LIMIT)
    spread = np.maximum(dispersion, LEAST_DISPERSION) * np.exp(moved[..., 1])
    return np.asarray(mean * np.exp(moved[..., 0])), np.asarray(0.0 * spread if poisson else spread)


def score_mixture(raw: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weights, means and deviations ``[..., COMPONENTS]`` in scores, from raw ``[..., 3 * COMPONENTS]``.

    Examples
    --------
    >>> weights, means, deviations = score_mixture(np.zeros(9))
    >>> means.tolist(), deviations.tolist()
    ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])
    """
    logits, means, spreads = np.split(np.asarray(raw, dtype=np.float64), 3, axis=-1)
    weights = softmax(np.clip(logits, -WEIGHT_LIMIT, WEIGHT_LIMIT), axis=-1)
    moved = np.clip(np.asarray(MEAN_GAINS) * means, -MEAN_LIMIT, MEAN_LIMIT)
    wide = np.exp(np.clip(np.asarray(SPREAD_GAINS) * spreads, -SPREAD_LIMIT, SPREAD_LIMIT))
    return np.asarray(weights), moved, wide


def pooled(raw: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The mixture of every member's mixture, ``[n, M * COMPONENTS]`` each, from raw ``[M, n, K]``."""
    weights, means, deviations = score_mixture(raw)

    def flat(parts: FloatArray) -> FloatArray:
        return np.moveaxis(parts, 0, 1).reshape(parts.shape[1], parts.shape[0] * parts.shape[2])

    return flat(weights) / raw.shape[0], flat(means), flat(deviations)
