"""Autoencoder for records: latent factors of the record and its history, beside the features."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from barograph.models.autoencoder import AutoencoderConfig
from barograph.models.layers import Draws, Readout, StackedLinear, StackedMlp
from barograph.models.network import Network, NetworkShape


class FeatureAutoencoderNetwork(Network):
    """Encodes features and history into latent factors which must also rebuild them.

    The auxiliary loss is the mean squared error of the linear reconstruction from the factors, times
    `AutoencoderConfig.reconstruction`; factors and features feed the score.
    """

    reads: ClassVar[frozenset[str]] = frozenset({"features", "sequence"})

    def __init__(self, shape: NetworkShape, config: AutoencoderConfig, draws: Draws) -> None:
        super().__init__(shape)
        n_seen = shape.n_features + shape.window * shape.n_channels
        self.weight_of_reconstruction = config.reconstruction
        self.encoder = StackedMlp(draws, n_seen, config.encoder)
        self.factors = StackedLinear(draws, self.encoder.n_out, config.latent)
        self.decoder = StackedLinear(draws, config.latent, n_seen)
        self.readout = Readout(draws, config.latent + shape.n_features, config.hidden, shape.n_outputs)

    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """``[M, B, 1, K]`` (see `Network.forward`)."""
        return self._score(features, self._encode(self._seen(features, sequence)))

    def training_outputs(
        self, features: Tensor, sequence: Tensor, cross_section: Tensor, noise: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Raw outputs and the weighted reconstruction loss ``[M]``."""
        seen = self._seen(features, sequence)
        latent = self._encode(seen)
        error = (self.decoder(latent) - seen).square().mean(dim=(1, 2))
        return self._score(features, latent), self.weight_of_reconstruction * error

    def _seen(self, features: Tensor, sequence: Tensor) -> Tensor:
        if not self.shape.window:
            return features
        return torch.cat([features, sequence.flatten(2)], dim=-1)  # [M, B, F + T * C]

    def _encode(self, seen: Tensor) -> Tensor:
        return torch.tanh(self.factors(self.encoder(seen)))  # [M, B, latent]

    def _score(self, features: Tensor, latent: Tensor) -> Tensor:
        return self.by_horizon(self.readout(torch.cat([latent, features], dim=-1)))
