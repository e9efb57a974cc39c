"""Heads of levels: how a conventional density is shifted and scaled, by three losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from barograph.core.errors import unknown
from barograph.measures.heads import LEVEL_DEGREES, SHAPE_LIMIT
from barograph.models.catalogue import build
from barograph.models.heads import Head
from barograph.models.network import Network, NetworkShape

GAUSSIAN = "gaussian"


class GaussianHead(Head):
    """Location and scale about the conventional normal, by the negative log likelihood.

    With the standardised error z of the conventional forecast, shift m and scale s (numpy counterpart:
    `barograph.measures.heads.gaussian`): ``log s + ((z - m) / s)² / 2``, less a constant.
    """

    key = GAUSSIAN

    @property
    def n_outputs(self) -> int:
        """Shift and log scale."""
        return 2

    def loss(self, raw: Tensor, ratio: Tensor, standardised: Tensor) -> Tensor:
        """Negative log density of the standardised error, without its constant."""
        log_scale = raw[..., 1].clamp(-SHAPE_LIMIT, SHAPE_LIMIT)
        return log_scale + 0.5 * ((standardised - raw[..., 0]) * torch.exp(-log_scale)).square()


class StudentShiftHead(GaussianHead):
    """Location and scale as in `GaussianHead`, by a Student-t likelihood with fixed degrees of freedom.

    Single large errors pull less: ``log s + (nu + 1) / 2 * log(1 + ((z - m) / s)² / nu)``.
    """

    key = "student"

    def loss(self, raw: Tensor, ratio: Tensor, standardised: Tensor) -> Tensor:
        """Negative log density of the standardised error, without its constant."""
        log_scale = raw[..., 1].clamp(-SHAPE_LIMIT, SHAPE_LIMIT)
        square = ((standardised - raw[..., 0]) * torch.exp(-log_scale)).square()
        return log_scale + 0.5 * (LEVEL_DEGREES + 1.0) * torch.log1p(square / LEVEL_DEGREES)


class HuberHead(Head):
    """Location alone: half the squared error up to one conventional deviation, linear beyond (Huber 1964)."""

    key = "huber"

    @property
    def n_outputs(self) -> int:
        """Shift."""
        return 1

    def loss(self, raw: Tensor, ratio: Tensor, standardised: Tensor) -> Tensor:
        """Huber loss of the standardised error."""
        away = (standardised - raw[..., 0]).abs()
        return torch.where(away <= 1.0, 0.5 * away.square(), away - 0.5)


LEVEL_HEADS: dict[str, Head] = {head.key: head for head in (GaussianHead(), StudentShiftHead(), HuberHead())}
"""Every head of levels by its key."""


@dataclass(frozen=True, slots=True)
class LevelCatalogue:
    """The forecasting networks with these heads, as a value to hand to `train`."""

    def build(
        self, key: str, settings: Mapping[str, Any], shape: NetworkShape, seeds: Sequence[int]
    ) -> Network:
        """See `barograph.models.catalogue.build`."""
        return build(key, settings, shape, seeds)

    def head(self, key: str) -> Head:
        """The head of a name; `SettingError` for one that does not exist."""
        if key not in LEVEL_HEADS:
            raise unknown("a head of a series in levels", key, LEVEL_HEADS)
        return LEVEL_HEADS[key]


LEVEL_CATALOGUE = LevelCatalogue()
"""What `train` is given for series in levels."""
