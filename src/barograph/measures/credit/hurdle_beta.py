"""Loss given default with a mass at total loss: from a network's raw outputs to mean, quantiles, likelihood.

With probability π the loss is 1; otherwise it is Beta distributed with mean μ and precision φ, that is with
shapes ``μ φ`` and ``(1 - μ) φ`` (Ospina and Ferrari 2012, A general class of zero-or-one inflated beta
regression models, Computational Statistics & Data Analysis 56; Ferrari and Cribari-Neto 2004 for mean and
precision). The raw outputs are ``logit π``, ``logit μ`` and ``ln φ``; zeros mean π = μ = 1/2, φ = 1.

Losses of 1 and more count as 1. A loss below 1 is kept within [SMALLEST_LOSS, 1 - SMALLEST_LOSS], where the
density is finite; so a full recovery counts as a tiny loss. `barograph.models` trains the same formula in
torch with these limits; tests hold the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from barograph.core.arrays import FloatArray

OUTPUTS = 3
"""Raw outputs of the head."""
SMALLEST_LOSS = 1e-3
"""Losses below 1 are kept this far from 0 and 1."""
LOGIT_LIMIT = 8.0
"""Raw logits stay within ± this (probabilities within 0.0003 and 0.9997)."""
LOG_PRECISION_LOW = -1.0
LOG_PRECISION_HIGH = 6.0
"""Raw log precision stays within [LOG_PRECISION_LOW, LOG_PRECISION_HIGH] (precision 0.37 to 403)."""


@dataclass(frozen=True, slots=True, eq=False)
class HurdleBeta:
    """The distribution's parameters, one per record."""

    mass: FloatArray  # [...] probability of a total loss
    mean_below: FloatArray  # [...] mean of a loss below one
    precision: FloatArray  # [...] > 0

    @property
    def shapes(self) -> tuple[FloatArray, FloatArray]:
        """The two shape parameters of the Beta below one."""
        return self.mean_below * self.precision, (1.0 - self.mean_below) * self.precision


def parameters(raw: npt.ArrayLike) -> HurdleBeta:
    """Raw outputs ``[..., 3]``, clipped to their limits, as the distribution's parameters."""
    mass, mean_below, precision = _limited(raw)
    return HurdleBeta(
        np.asarray(special.expit(mass)), np.asarray(special.expit(mean_below)), np.asarray(np.exp(precision))
    )


def mean(raw: npt.ArrayLike) -> FloatArray:
    """Expected loss given default ``π + (1 - π) μ`` [...], from raw outputs ``[..., 3]``.

    Examples
    --------
    >>> mean([[0.0, 0.0, 2.0]]).tolist()
    [0.75]
    """
    one = parameters(raw)
    return np.asarray(one.mass + (1.0 - one.mass) * one.mean_below)


def quantile(raw: npt.ArrayLike, levels: npt.ArrayLike) -> FloatArray:
    """Quantiles ``[..., n_levels]`` of the loss: 1 from level ``1 - π`` on, the Beta's below it.

    Parameters
    ----------
    raw : array_like [..., 3]
        Raw outputs.
    levels : array_like [n_levels]
        Probabilities between 0 and 1.
    """
    one = parameters(raw)
    first, second = one.shapes
    wanted = np.asarray(levels, dtype=np.float64) / (1.0 - one.mass[..., None])
    inside = special.betaincinv(first[..., None], second[..., None], np.minimum(wanted, 1.0))
    return np.where(wanted < 1.0, inside, np.where(np.isnan(wanted), np.nan, 1.0))


def log_likelihood(raw: npt.ArrayLike, loss: npt.ArrayLike) -> FloatArray:
    """Log-likelihood [...] of losses given default.

    ``ln π`` of a total loss; ``ln(1 - π) + (μφ - 1) ln x + ((1 - μ)φ - 1) ln(1 - x) - ln B(μφ, (1 - μ)φ)`` of
    a loss x below one.

    Parameters
    ----------
    raw : array_like [..., 3]
        Raw outputs.
    loss : array_like [...]
        Shares of the exposure; NaN gives NaN.
    """
    came = np.asarray(loss, dtype=np.float64)
    logit_mass, _, _ = _limited(raw)
    first, second = parameters(raw).shapes
    below = np.clip(came, SMALLEST_LOSS, 1.0 - SMALLEST_LOSS)
    density = (
        (first - 1.0) * np.log(below)
        + (second - 1.0) * np.log1p(-below)
        - special.betaln(first, second)
        + special.log_expit(-logit_mass)
    )
    return np.where(came >= 1.0, special.log_expit(logit_mass), density)


def _limited(raw: npt.ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    wide = np.asarray(raw, dtype=np.float64)
    return (
        np.clip(wide[..., 0], -LOGIT_LIMIT, LOGIT_LIMIT),
        np.clip(wide[..., 1], -LOGIT_LIMIT, LOGIT_LIMIT),
        np.clip(wide[..., 2], LOG_PRECISION_LOW, LOG_PRECISION_HIGH),
    )
