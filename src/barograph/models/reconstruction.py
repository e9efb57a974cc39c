"""Reconstruction of records from a few factors: what it misses says how unusual a record is."""

from __future__ import annotations

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor

from barograph.models.layers import Draws, Readout, StackedLinear, StackedMlp
from barograph.models.network import Network, NetworkConfig, NetworkShape


class ReconstructionConfig(NetworkConfig):
    """Settings of `ReconstructionNetwork`."""

    hidden: tuple[int, ...] = (32,)
    """Units of the hidden layers of the encoder; the decoder has the same, backwards."""
    latent: int = Field(6, ge=1)
    """Number of latent factors."""


class ReconstructionNetwork(Network):
    """An autoencoder whose answer is the record itself, as a correction of the offset (the column means).

    Its squared error is an anomaly score: small on records like those of the training, large on others
    (Hawkins, He, Williams and Baxter 2002). Noisy columns would rule it; weights of one over each column's
    training variance, in training as in the score, prevent that. The history is not read.
    """

    reads: ClassVar[frozenset[str]] = frozenset({"features"})

    def __init__(self, shape: NetworkShape, config: ReconstructionConfig, draws: Draws) -> None:
        super().__init__(shape)
        self.encoder = StackedMlp(draws, shape.n_features, config.hidden)
        self.factors = StackedLinear(draws, self.encoder.n_out, config.latent)
        self.decoder = Readout(draws, config.latent, config.hidden[::-1], shape.n_outputs)

    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """``[M, B, 1, F]`` (see `Network.forward`)."""
        return self.by_horizon(self.decoder(torch.tanh(self.factors(self.encoder(features)))))
