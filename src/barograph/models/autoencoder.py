"""Autoencoder: a few latent factors of the whole panel's state and of the window, beside the features."""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from barograph.models.layers import Draws, Readout, StackedLinear, StackedMlp
from barograph.models.network import Network, NetworkConfig, NetworkShape


class AutoencoderConfig(NetworkConfig):
    """Settings of `AutoencoderNetwork`."""

    encoder: tuple[int, ...] = (32,)
    """Units of the hidden layers of the encoder."""
    latent: int = Field(6, ge=1)
    """Number of latent factors."""
    hidden: tuple[int, ...] = (32,)
    """Units of the layers that read factors and features."""
    reconstruction: float = Field(0.1, ge=0)
    """Weight of the reconstruction loss beside that of the head."""


class AutoencoderNetwork(Network):
    """Encodes cross-section and window into latent factors which must also rebuild them.

    The auxiliary loss is the mean squared error of the linear reconstruction from the factors (in standard
    deviations), times `AutoencoderConfig.reconstruction`; factors and features feed the forecast.
    """

    def __init__(self, shape: NetworkShape, config: AutoencoderConfig, draws: Draws) -> None:
        super().__init__(shape)
        n_seen = shape.n_cross + shape.window * shape.n_channels
        self.weight_of_reconstruction = config.reconstruction
        self.encoder = StackedMlp(draws, n_seen, config.encoder)
        self.factors = StackedLinear(draws, self.encoder.n_out, config.latent)
        self.decoder = StackedLinear(draws, config.latent, n_seen)
        n_out = shape.n_horizons * shape.n_outputs
        self.readout = Readout(draws, config.latent + shape.n_features, config.hidden, n_out)

    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """``[M, B, H, K]`` (see `Network.forward`)."""
        return self._forecast(features, self._encode(self._seen(sequence, cross_section)))

    def training_outputs(
        self, features: Tensor, sequence: Tensor, cross_section: Tensor, noise: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Raw outputs and the weighted reconstruction loss ``[M]``."""
        seen = self._seen(sequence, cross_section)
        latent = self._encode(seen)
        error = (self.decoder(latent) - seen).square().mean(dim=(1, 2))
        return self._forecast(features, latent), self.weight_of_reconstruction * error

    def rebuilt(self, sequence: Tensor, cross_section: Tensor) -> tuple[Tensor, Tensor]:
        """Latent factors ``[M, B, latent]`` and the cross-section they rebuild ``[M, B, P]``."""
        latent = self._encode(self._seen(sequence, cross_section))
        return latent, self.decoder(latent)[..., : cross_section.shape[-1]]

    def _seen(self, sequence: Tensor, cross_section: Tensor) -> Tensor:
        return torch.cat([cross_section, sequence.flatten(2)], dim=-1)  # [M, B, P + T * C]

    def _encode(self, seen: Tensor) -> Tensor:
        return torch.tanh(self.factors(self.encoder(seen)))  # [M, B, latent]

    def _forecast(self, features: Tensor, latent: Tensor) -> Tensor:
        return self.by_horizon(self.readout(torch.cat([latent, features], dim=-1)))
