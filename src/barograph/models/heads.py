"""Heads: what raw outputs mean, as losses in torch (numpy counterpart: `barograph.measures.heads`).

Targets come in units of the conventional forecast: ``ratio = target / exp(offset)`` and
``standardised = target_return / exp(offset / 2)``, so that losses are of order one whatever the asset.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from barograph.core.forecast import ALPHAS, LEVELS
from barograph.measures.heads import (
    CORRECTION_LIMIT,
    DEGREES_LIMIT,
    DEGREES_SHIFT,
    LEAST_DEGREES,
    OUTPUTS,
    SHAPE_LIMIT,
    START_QUANTILES,
    tail_gaps,
)


class Head(ABC):
    """A loss on raw outputs. The loss of a member's row depends on that row only."""

    key: ClassVar[str]

    @property
    def n_outputs(self) -> int:
        """Outputs per horizon."""
        return OUTPUTS[self.key]

    def outputs(self, n_targets: int) -> int:
        """The same number for each of so many horizons."""
        return self.n_outputs

    def held_out_loss(self, raw: Tensor, ratio: Tensor, standardised: Tensor) -> Tensor:
        """Mean loss of the horizons ``[M, B]``, in double precision: what early stopping looks at."""
        return self.loss(raw, ratio, standardised).double().mean(dim=2)

    @abstractmethod
    def loss(self, raw: Tensor, ratio: Tensor, standardised: Tensor) -> Tensor:
        """Loss of every row and horizon.

        Parameters
        ----------
        raw : Tensor
            ``[M, B, H, K]``.
        ratio : Tensor
            ``[M, B, H]`` sum of squared returns over the conventional variance forecast.
        standardised : Tensor
            ``[M, B, H]`` return over the conventional standard deviation.

        Returns
        -------
        Tensor
            ``[M, B, H]``; NaN where the target is NaN.
        """


def correction(raw: Tensor) -> Tensor:
    """Correction δ of log variance: raw output 0, clipped."""
    return raw[..., 0].clamp(-CORRECTION_LIMIT, CORRECTION_LIMIT)


def qlike(delta: Tensor, ratio: Tensor) -> Tensor:
    """``log h + target / h`` less the conventional log variance: ``δ + ratio * exp(-δ)`` (Patton 2011)."""
    return delta + ratio * torch.exp(-delta)


def degrees_of_freedom(raw: Tensor) -> Tensor:
    """See `barograph.measures.heads.degrees_of_freedom`."""
    return LEAST_DEGREES + F.softplus(raw.clamp(-DEGREES_LIMIT, DEGREES_LIMIT) + DEGREES_SHIFT)


def quantile_multiples(raw: Tensor) -> Tensor:
    """See `barograph.measures.heads.quantile_multiples`."""
    middle = len(LEVELS) // 2
    start = torch.as_tensor(START_QUANTILES, dtype=raw.dtype, device=raw.device)
    around = torch.cat([raw[..., :middle], raw[..., middle + 1 :]], dim=-1)
    gaps = start.diff() * torch.exp(around.clamp(-SHAPE_LIMIT, SHAPE_LIMIT))
    centre = start[middle] + raw[..., middle : middle + 1]
    below = centre - gaps[..., :middle].flip(-1).cumsum(-1).flip(-1)
    above = centre + gaps[..., middle:].cumsum(-1)
    return torch.cat([below, centre, above], dim=-1)


def tail_multiples(raw: Tensor) -> tuple[Tensor, Tensor]:
    """See `barograph.measures.heads.tail_multiples`."""
    stretch = torch.exp(raw.clamp(-SHAPE_LIMIT, SHAPE_LIMIT)).unbind(-1)
    value_at_risk: list[Tensor] = []
    shortfall: list[Tensor] = []
    for i in reversed(range(len(ALPHAS))):
        gap, excess = tail_gaps(i)
        risk = gap * stretch[i]
        if value_at_risk:
            risk = risk + value_at_risk[-1]
        least = torch.maximum(risk, shortfall[-1]) if shortfall else risk
        value_at_risk.append(risk)
        shortfall.append(least + excess * stretch[len(ALPHAS) + i])
    return torch.stack(value_at_risk[::-1], dim=-1), torch.stack(shortfall[::-1], dim=-1)


class QlikeHead(Head):
    """Variance alone, by QLIKE on the sum of squared returns."""

    key = "qlike"

    def loss(self, raw: Tensor, ratio: Tensor, standardised: Tensor) -> Tensor:
        """``δ + ratio * exp(-δ)``."""
        return qlike(correction(raw), ratio)


class StudentHead(Head):
    """Variance and degrees of freedom, by the negative log likelihood of the h-day return.

    The return is Student-t with mean zero, variance ``exp(offset + δ)`` and ν degrees of freedom
    (Bollerslev 1987); the constant ``log(pi) / 2`` and the offset's half are left out.
    """

    key = "student_t"

    def loss(self, raw: Tensor, ratio: Tensor, standardised: Tensor) -> Tensor:
        """Negative log density of the standardised return."""
        delta, nu = correction(raw), degrees_of_freedom(raw[..., 1])
        square = standardised.square() * torch.exp(-delta)
        constant = torch.lgamma(nu / 2) - torch.lgamma((nu + 1) / 2) + 0.5 * torch.log(nu - 2)
        return constant + 0.5 * delta + (nu + 1) / 2 * torch.log1p(square / (nu - 2))


class QuantileHead(Head):
    """Variance by QLIKE, and standardised quantiles by pinball loss (Koenker and Bassett 1978).

    The pinball loss is averaged over `LEVELS` and doubled, which makes it the CRPS on that grid. Its
    returns are standardised by the forecast sigma, held fixed, so that variance is learnt from QLIKE alone.
    """

    key = "quantile"

    def loss(self, raw: Tensor, ratio: Tensor, standardised: Tensor) -> Tensor:
        """QLIKE plus twice the mean pinball loss."""
        delta = correction(raw)
        own = standardised * torch.exp(-0.5 * delta.detach())
        miss = own[..., None] - quantile_multiples(raw[..., 1:])
        levels = torch.as_tensor(LEVELS, dtype=raw.dtype, device=raw.device)
        pinball = torch.maximum(levels * miss, (levels - 1.0) * miss).mean(-1)
        return qlike(delta, ratio) + 2.0 * pinball


class Fz0Head(Head):
    """Variance by QLIKE, and joint VaR and ES by the FZ0 loss (Patton, Ziegel and Chen 2019, eq. 6).

    With positive multiples V and E of the forecast sigma (held fixed) and own standardised return z:
    ``max(-V - z, 0) / (alpha E) + V / E + log E - 1``, averaged over `ALPHAS`.
    """

    key = "fz0"

    def loss(self, raw: Tensor, ratio: Tensor, standardised: Tensor) -> Tensor:
        """QLIKE plus the mean FZ0 loss."""
        delta = correction(raw)
        own = standardised * torch.exp(-0.5 * delta.detach())
        risk, shortfall = tail_multiples(raw[..., 1:])
        alphas = torch.as_tensor(ALPHAS, dtype=raw.dtype, device=raw.device)
        beyond = torch.relu(-risk - own[..., None])
        joint = beyond / (alphas * shortfall) + risk / shortfall + torch.log(shortfall) - 1.0
        return qlike(delta, ratio) + joint.mean(-1)


HEADS: dict[str, Head] = {head.key: head for head in (QlikeHead(), StudentHead(), QuantileHead(), Fz0Head())}
"""Every head by its key."""
