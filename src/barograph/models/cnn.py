"""Dilated causal convolutions over the window, beside the features."""

from __future__ import annotations

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from barograph.models.layers import Draws, Readout, TreeConvolution
from barograph.models.network import Network, NetworkConfig, NetworkShape


class CnnConfig(NetworkConfig):
    """Settings of `CnnNetwork`."""

    channels: int = Field(16, ge=1)
    """Units of every convolution."""
    kernel: int = Field(3, ge=2)
    """Steps each convolution joins; dilations are its powers, as many as the window needs."""
    hidden: tuple[int, ...] = (32,)
    """Units of the layers that read the last step and the features."""


class CnnNetwork(Network):
    """Dilated causal convolutions (van den Oord et al. 2016) on the window; the last step joins the features.

    Only the tree that feeds the last output is computed (see `TreeConvolution`); the figures equal those of
    the full convolution at its last step.
    """

    reads: ClassVar[frozenset[str]] = frozenset({"features", "sequence"})

    def __init__(self, shape: NetworkShape, config: CnnConfig, draws: Draws) -> None:
        super().__init__(shape)
        self.tower = nn.ModuleList()
        length, width = shape.window, shape.n_channels
        while length > 1 or not self.tower:
            self.tower.append(TreeConvolution(draws, width, config.channels, kernel=config.kernel))
            length, width = -(-length // config.kernel), config.channels
        n_out = shape.n_horizons * shape.n_outputs
        self.readout = Readout(draws, width + shape.n_features, config.hidden, n_out)

    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """``[M, B, H, K]`` (see `Network.forward`)."""
        steps = sequence
        for floor in self.tower:
            steps = floor(steps)
        return self.by_horizon(self.readout(torch.cat([steps[:, :, -1], features], dim=-1)))
