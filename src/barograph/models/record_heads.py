"""Heads of records: what raw outputs mean, as losses in torch (in numpy: `barograph.measures.credit`).

Raw outputs are corrections: they are added to the offset, the logit (or value) of a conventional answer.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from barograph.core.errors import LeakError, unknown
from barograph.measures.credit.hurdle_beta import (
    LOG_PRECISION_HIGH,
    LOG_PRECISION_LOW,
    LOGIT_LIMIT,
    OUTPUTS,
    SMALLEST_LOSS,
)


class RecordHead(ABC):
    """A negative log likelihood of raw outputs, per record and sub-network."""

    key: ClassVar[str]

    @abstractmethod
    def outputs(self, n_targets: int) -> int:
        """Outputs K for so many columns of the target."""

    @abstractmethod
    def loss(self, raw: Tensor, target: Tensor, offset: Tensor, weight: Tensor) -> Tensor:
        """Loss of every record and sub-network.

        Parameters
        ----------
        raw : Tensor
            ``[M, B, H, K]``, H sub-networks.
        target, offset, weight : Tensor
            ``[M, B, J]``; a column of weight 0 does not count.

        Returns
        -------
        Tensor
            ``[M, B, H]``.
        """

    def held_out_loss(self, raw: Tensor, target: Tensor, offset: Tensor, weight: Tensor) -> Tensor:
        """Negative log of the sub-networks' mean likelihood ``[M, B]``, in double precision.

        What is served is the mean of their distributions (for a probability, the mean probability), and this
        is exactly its loss; with one sub-network it is `loss`.
        """
        losses = self.loss(raw.double(), target.double(), offset.double(), weight.double())
        return math.log(losses.shape[2]) - torch.logsumexp(-losses, dim=2)


def log_loss(raw: Tensor, target: Tensor, offset: Tensor, weight: Tensor) -> Tensor:
    """``-Σ_j weight · (y ln p + (1 - y) ln(1 - p))`` with ``p = sigmoid(offset + raw)``: ``[M, B, H]``."""
    logit = raw + offset[:, :, None]
    truth = target[:, :, None].expand_as(logit)
    each = F.binary_cross_entropy_with_logits(logit, truth, reduction="none")
    return (weight[:, :, None] * each).sum(dim=3)


class BernoulliHead(RecordHead):
    """Probability of a bad outcome: raw output and offset are its logit."""

    key = "bernoulli"

    def outputs(self, n_targets: int) -> int:
        """One."""
        _need_one_target(self.key, n_targets)
        return 1

    def loss(self, raw: Tensor, target: Tensor, offset: Tensor, weight: Tensor) -> Tensor:
        """See `log_loss`."""
        return log_loss(raw, target, offset, weight)


class HazardHead(RecordHead):
    """Discrete-time hazard (Singer and Willett 1993): the logit of default in each period, if still at risk.

    The target is 1 in the period of default; the weight is 1 in periods in which the loan was at risk and
    known to be (`barograph.measures.credit.hazard.person_periods`).
    """

    key = "hazard"

    def outputs(self, n_targets: int) -> int:
        """One per period."""
        return n_targets

    def loss(self, raw: Tensor, target: Tensor, offset: Tensor, weight: Tensor) -> Tensor:
        """The loan's negative log likelihood: `log_loss` over its periods at risk."""
        return log_loss(raw, target, offset, weight)


class HurdleBetaHead(RecordHead):
    """Loss given default with a mass at one; formula and limits of `barograph.measures.credit.hurdle_beta`.

    The offset is added to the logit of the mean below one.
    """

    key = "hurdle_beta"

    def outputs(self, n_targets: int) -> int:
        """Logit of the mass at one, logit of the mean below one, log precision."""
        _need_one_target(self.key, n_targets)
        return OUTPUTS

    def loss(self, raw: Tensor, target: Tensor, offset: Tensor, weight: Tensor) -> Tensor:
        """Negative log likelihood of the loss given default."""
        mass = raw[..., 0].clamp(-LOGIT_LIMIT, LOGIT_LIMIT)
        mean = torch.sigmoid((raw[..., 1] + offset).clamp(-LOGIT_LIMIT, LOGIT_LIMIT))
        precision = raw[..., 2].clamp(LOG_PRECISION_LOW, LOG_PRECISION_HIGH).exp()
        first, second = mean * precision, (1.0 - mean) * precision
        below = target.clamp(SMALLEST_LOSS, 1.0 - SMALLEST_LOSS)
        density = (
            (first - 1.0) * below.log()
            + (second - 1.0) * torch.log1p(-below)
            + torch.lgamma(precision)
            - torch.lgamma(first)
            - torch.lgamma(second)
            + F.logsigmoid(-mass)
        )
        return -weight * torch.where(target >= 1.0, F.logsigmoid(mass), density)


class ReconstructionHead(RecordHead):
    """Mean squared error of a reconstruction ``offset + raw``, weighted by column.

    It is a Gaussian log likelihood up to scale, so the words of `RecordHead` hold.
    """

    key = "reconstruction"

    def outputs(self, n_targets: int) -> int:
        """One per column."""
        return n_targets

    def loss(self, raw: Tensor, target: Tensor, offset: Tensor, weight: Tensor) -> Tensor:
        """``Σ weight · (offset + raw - target)² / Σ weight`` per record."""
        error = (raw + (offset - target)[:, :, None]).square()
        total = weight.sum(dim=2).clamp(min=torch.finfo(weight.dtype).tiny)
        return (weight[:, :, None] * error).sum(dim=3) / total[:, :, None]


def _need_one_target(key: str, n_targets: int) -> None:
    if n_targets != 1:
        raise LeakError(f"head '{key}' takes one column of targets, got {n_targets}")


RECORD_HEADS: dict[str, RecordHead] = {
    head.key: head for head in (BernoulliHead(), HazardHead(), HurdleBetaHead(), ReconstructionHead())
}
"""Every head of records by its key."""


def record_head_of(key: str) -> RecordHead:
    """The head of a name; `SettingError` for one that does not exist."""
    if key not in RECORD_HEADS:
        raise unknown("a head for records", key, RECORD_HEADS)
    return RECORD_HEADS[key]
