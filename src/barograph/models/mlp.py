"""Multilayer perceptron on the features alone."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from torch import Tensor

from barograph.models.layers import Draws, Readout
from barograph.models.network import Network, NetworkConfig, NetworkShape


class MlpConfig(NetworkConfig):
    """Settings of `MlpNetwork`."""

    hidden: tuple[int, ...] = Field((32, 32), min_length=1)
    """Units of each hidden layer."""


class MlpNetwork(Network):
    """Hidden layers with SiLU on the features; sequence and cross-section are not read.

    Examples
    --------
    >>> shape = NetworkShape(2, 5, 1, 8, 0, 3, 1)
    >>> network = MlpNetwork(shape, MlpConfig(), Draws([1, 2]))
    >>> import torch
    >>> network(torch.ones(2, 4, 5), torch.ones(2, 4, 8, 1), torch.ones(2, 4, 0)).shape
    torch.Size([2, 4, 3, 1])
    """

    reads: ClassVar[frozenset[str]] = frozenset({"features"})

    def __init__(self, shape: NetworkShape, config: MlpConfig, draws: Draws) -> None:
        super().__init__(shape)
        self.readout = Readout(draws, shape.n_features, config.hidden, shape.n_horizons * shape.n_outputs)

    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """``[M, B, H, K]`` (see `Network.forward`)."""
        return self.by_horizon(self.readout(features))
