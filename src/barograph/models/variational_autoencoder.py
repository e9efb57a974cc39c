"""Variational autoencoder of records: factors with a known distribution, for scoring unusual records."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor

from barograph.models.layers import Draws, Readout, StackedLinear, StackedMlp
from barograph.models.network import Network, NetworkConfig, NetworkShape
from barograph.models.reconstruction import BYTE, masked

LOG_VARIANCE_LIMIT = 10.0
"""Log variances of the factors are clipped to ± this."""


class VariationalAutoencoderConfig(NetworkConfig):
    """Settings of `VariationalAutoencoderNetwork`."""

    hidden: tuple[int, ...] = (32,)
    """Units of the hidden layers of the encoder; the decoder has the same, backwards."""
    latent: int = Field(6, ge=1)
    """Number of latent factors."""
    masked: float = Field(0.0, ge=0, lt=1)
    """Share of the inputs set to zero at random in training (in steps of 1/256); the target stays whole."""
    with_factors: bool = False
    """Whether the answer has the factors' means behind the reconstruction: K = F + latent."""
    divergence: float = Field(0.1, ge=0)
    """Weight of the divergence of the factors from standard normal ones: the variance of the columns given
    the factors, where their whole variance is 1."""


class VariationalAutoencoderNetwork(Network):
    """Encodes a record as a normal distribution of factors, and rebuilds it from a draw.

    Kingma and Welling (2014), "Auto-encoding variational Bayes". The loss is the bound of their equation 10
    with normal columns of variance `divergence`, times that variance and ``2 / F``: the head's mean squared
    error, and the auxiliary ``divergence · 2 / F · ½ Σ (μ² + σ² - 1 - ln σ²)``. Factors are drawn as
    ``μ + σ ε`` in training; elsewhere, scoring included, they are their means. The history is not read.
    """

    reads: ClassVar[frozenset[str]] = frozenset({"features"})

    def __init__(self, shape: NetworkShape, config: VariationalAutoencoderConfig, draws: Draws) -> None:
        super().__init__(shape)
        self.dropped, self.latent = round(config.masked * BYTE), config.latent
        self.with_factors = config.with_factors
        self.weight_of_divergence = 2.0 * config.divergence / max(shape.n_features, 1)
        self.encoder = StackedMlp(draws, shape.n_features, config.hidden)
        self.mean = StackedLinear(draws, self.encoder.n_out, config.latent)
        self.log_variance = StackedLinear(draws, self.encoder.n_out, config.latent)
        self.decoder = Readout(draws, config.latent, config.hidden[::-1], shape.n_outputs)

    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """``[M, B, 1, F]``, or ``[M, B, 1, F + latent]`` with factors (see `Network.forward`)."""
        latent = self.mean(self.encoder(features))
        rebuilt = self.decoder(latent)
        answer = torch.cat([rebuilt, latent], dim=-1) if self.with_factors else rebuilt
        return answer.unsqueeze(2)

    def training_outputs(
        self, features: Tensor, sequence: Tensor, cross_section: Tensor, noise: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The reconstruction alone, from drawn factors where there is noise, and the weighted divergence."""
        seen, normal = self._noise(features, noise)
        state = self.encoder(seen)
        mean = self.mean(state)  # [M, B, latent]
        log_variance = self.log_variance(state).clamp(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)
        latent = mean if normal is None else mean + torch.exp(0.5 * log_variance) * normal
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=2).mean(dim=1)
        return self.by_horizon(self.decoder(latent)), self.weight_of_divergence * divergence

    def noise_size(self, n_rows: int) -> int:
        """Four bytes per factor, and a byte per input if some are masked."""
        return n_rows * (4 * self.latent + (self.shape.n_features if self.dropped else 0))

    def _noise(self, features: Tensor, noise: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Masked features, and normal draws ``[M, B, latent]``; as they are, and none, without noise."""
        if noise is None:
            return features, None
        size = 4 * self.latent * features.shape[1]
        normal = normal_from_bytes(noise[:, :size])
        seen = masked(features, noise[:, size:], self.dropped) if self.dropped else features
        return seen, torch.unflatten(normal, 1, (features.shape[1], self.latent))


def normal_from_bytes(noise: Tensor) -> Tensor:
    """Standard normal draws ``[M, n]`` from random bytes ``[M, 4 n]`` (Box and Muller 1958), within ± 4.9."""
    pairs = torch.unflatten(noise, 1, (-1, 2, 2)).float()  # [M, n, two uniforms, two bytes]
    uniform = (BYTE * pairs[..., 0] + pairs[..., 1] + 0.5) / BYTE**2
    return torch.sqrt(-2.0 * torch.log(uniform[..., 0])) * torch.cos(2.0 * math.pi * uniform[..., 1])
