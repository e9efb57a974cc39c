"""The head of series in levels: a normal that shifts and scales a conventional one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from barograph.core.errors import unknown
from barograph.measures.heads import SHAPE_LIMIT
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


@dataclass(frozen=True, slots=True)
class LevelCatalogue:
    """The forecasting networks with this head, as a value to hand to `train`."""

    def build(
        self, key: str, settings: Mapping[str, Any], shape: NetworkShape, seeds: Sequence[int]
    ) -> Network:
        """See `barograph.models.catalogue.build`."""
        return build(key, settings, shape, seeds)

    def head(self, key: str) -> Head:
        """The one head there is."""
        if key != GAUSSIAN:
            raise unknown("a head of a series in levels", key, (GAUSSIAN,))
        return GaussianHead()


LEVEL_CATALOGUE = LevelCatalogue()
"""What `train` is given for series in levels."""
