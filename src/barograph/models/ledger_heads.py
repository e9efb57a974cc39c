"""Heads of loss ledgers: weekly counts, and severities bent in their normal scores (`measures.losses.heads`).

Both start exactly at the conventional forecast and answer with a negative log likelihood.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from barograph.core.errors import unknown
from barograph.measures.losses.heads import (
    COMPONENTS,
    COUNT_LIMIT,
    COUNT_OUTPUTS,
    MEAN_GAINS,
    MEAN_LIMIT,
    SPREAD_GAINS,
    SPREAD_LIMIT,
    WEIGHT_LIMIT,
)
from barograph.measures.losses.warped import REACH
from barograph.models.catalogue import build
from barograph.models.network import Network, NetworkShape
from barograph.models.record_heads import RecordHead

NEGATIVE_BINOMIAL, POISSON, SEVERITY = "negative_binomial", "poisson", "severity"


class CountHead(RecordHead):
    """Negative-binomial count; the columns of target and offset are count and, of the offset, log mean
    and log dispersion of the conventional forecast. The second target is not looked at."""

    key = NEGATIVE_BINOMIAL

    def outputs(self, n_targets: int) -> int:
        """Corrections of log mean and log dispersion."""
        return COUNT_OUTPUTS

    def loss(self, raw: Tensor, target: Tensor, offset: Tensor, weight: Tensor) -> Tensor:
        """Minus the log probability of the count, in double precision (the gammas cancel)."""
        moved = raw.double().clamp(-COUNT_LIMIT, COUNT_LIMIT)
        start = offset.double()[:, :, None]
        count = target.double()[:, :, None, 0]
        log_mean, log_spread = start[..., 0] + moved[..., 0], start[..., 1] + moved[..., 1]
        r = torch.exp(-log_spread)
        grown = torch.log1p(torch.exp(log_mean + log_spread))  # log(1 + mean · dispersion)
        value = torch.lgamma(count + r) - torch.lgamma(r) - torch.lgamma(count + 1.0)
        value = value + count * (log_mean + log_spread - grown) - r * grown
        return -value * weight.double()[:, :, None, 0]


class PoissonHead(CountHead):
    """Poisson count: the dispersion is not looked at."""

    key = POISSON

    def loss(self, raw: Tensor, target: Tensor, offset: Tensor, weight: Tensor) -> Tensor:
        """Minus the log probability of the count."""
        log_mean = offset.double()[:, :, None, 0] + raw.double()[..., 0].clamp(-COUNT_LIMIT, COUNT_LIMIT)
        count = target.double()[:, :, None, 0]
        value = count * log_mean - torch.exp(log_mean) - torch.lgamma(count + 1.0)
        return -value * weight.double()[:, :, None, 0]


class SeverityHead(RecordHead):
    """Mixture of normals in the normal score of the conventional severity, which is the target.

    The loss is that of the score, less that of a standard normal: zero at the start. Beyond ± `REACH` the
    whole probability there is scored, as `measures.losses.warped` bends no further.
    """

    key = SEVERITY

    def outputs(self, n_targets: int) -> int:
        """Log weight, mean and log deviation of each component."""
        return 3 * COMPONENTS

    def loss(self, raw: Tensor, target: Tensor, offset: Tensor, weight: Tensor) -> Tensor:
        """Minus the log of the density ratio, ``[M, B, H]``."""
        logits, means, spreads = raw.double().chunk(3, dim=-1)
        log_weights = torch.log_softmax(logits.clamp(-WEIGHT_LIMIT, WEIGHT_LIMIT), dim=-1)
        gains = means.new_tensor(MEAN_GAINS), means.new_tensor(SPREAD_GAINS)
        centre = (gains[0] * means).clamp(-MEAN_LIMIT, MEAN_LIMIT)
        log_spread = (gains[1] * spreads).clamp(-SPREAD_LIMIT, SPREAD_LIMIT)
        z = target.double()[:, :, None, :1]
        inside = z.clamp(-REACH, REACH)
        away = (inside - centre) * torch.exp(-log_spread)
        within = torch.logsumexp(log_weights - log_spread - 0.5 * away.square(), dim=-1)
        within = within + 0.5 * inside.squeeze(-1).square()
        # beyond the reach: log probability of the side over that of a standard normal
        side = torch.sign(inside)
        beyond = torch.logsumexp(log_weights + torch.special.log_ndtr(-side * away), dim=-1) - _LOG_BEYOND
        value = torch.where(z.squeeze(-1).abs() > REACH, beyond, within)
        return -value * weight.double()[:, :, None, 0]


_LOG_BEYOND = math.log(0.5 * math.erfc(REACH / math.sqrt(2.0)))

HEADS: dict[str, RecordHead] = {head.key: head for head in (CountHead(), PoissonHead(), SeverityHead())}
"""Every head of a ledger by its key."""


@dataclass(frozen=True, slots=True)
class LedgerCatalogue:
    """The forecasting networks with these heads, as a value to hand to `train`."""

    def build(
        self, key: str, settings: Mapping[str, Any], shape: NetworkShape, seeds: Sequence[int]
    ) -> Network:
        """See `barograph.models.catalogue.build`."""
        return build(key, settings, shape, seeds)

    def head(self, key: str) -> RecordHead:
        """The head of a name; `SettingError` for one that does not exist."""
        if key not in HEADS:
            raise unknown("a head of a ledger", key, HEADS)
        return HEADS[key]


LEDGER_CATALOGUE = LedgerCatalogue()
"""What `train` is given for ledgers."""
