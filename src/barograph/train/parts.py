"""What the loop needs from the room of models, as contracts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from torch import Tensor, nn

from barograph.core.network import NetworkShape


class HeadLoss(Protocol):
    """A loss on raw outputs (see `barograph.models.heads.Head`)."""

    @property
    def n_outputs(self) -> int:
        """Outputs per horizon."""
        ...

    def loss(self, raw: Tensor, ratio: Tensor, standardised: Tensor) -> Tensor:
        """``[M, B, H]`` from ``raw[M, B, H, K]``, ``ratio[M, B, H]`` and ``standardised[M, B, H]``."""
        ...


class Catalogue(Protocol):
    """Turns names into networks and heads; `barograph.models.catalogue.CATALOGUE` is the one there is."""

    def build(
        self, key: str, settings: Mapping[str, Any], shape: NetworkShape, seeds: Sequence[int]
    ) -> nn.Module:
        """An untrained stack with `reads` and `training_outputs` (see `barograph.models.network.Network`)."""
        ...

    def head(self, key: str) -> HeadLoss:
        """The head of a name."""
        ...
