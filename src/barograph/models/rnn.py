"""Recurrent network (GRU or LSTM) over the window, beside the features."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from barograph.models.layers import Draws, Readout
from barograph.models.network import Network, NetworkConfig, NetworkShape
from barograph.models.recurrence import StackedGru, StackedLstm


class RnnConfig(NetworkConfig):
    """Settings of `RnnNetwork`."""

    cell: Literal["gru", "lstm"] = "gru"
    """Kind of recurrence."""
    hidden: int = Field(16, ge=1)
    """Units of the recurrent state."""
    readout: tuple[int, ...] = (32,)
    """Units of the layers that read the last state and the features."""


class RnnNetwork(Network):
    """One recurrent layer over the window, oldest step first; its last state joins the features."""

    reads: ClassVar[frozenset[str]] = frozenset({"features", "sequence"})

    def __init__(self, shape: NetworkShape, config: RnnConfig, draws: Draws) -> None:
        super().__init__(shape)
        recurrence = StackedGru if config.cell == "gru" else StackedLstm
        self.recurrence = recurrence(draws, shape.n_channels, config.hidden)
        n_out = shape.n_horizons * shape.n_outputs
        self.readout = Readout(draws, config.hidden + shape.n_features, config.readout, n_out)

    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """``[M, B, H, K]`` (see `Network.forward`)."""
        state = self.recurrence(sequence)
        return self.by_horizon(self.readout(torch.cat([state, features], dim=-1)))
