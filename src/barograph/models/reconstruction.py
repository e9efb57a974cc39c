"""Reconstruction of records from a few factors: what it misses says how unusual a record is."""

from __future__ import annotations

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor

from barograph.models.layers import Draws, Readout, StackedLinear, StackedMlp
from barograph.models.network import Network, NetworkConfig, NetworkShape

BYTE = 256


class ReconstructionConfig(NetworkConfig):
    """Settings of `ReconstructionNetwork`."""

    hidden: tuple[int, ...] = (32,)
    """Units of the hidden layers of the encoder; the decoder has the same, backwards."""
    latent: int = Field(6, ge=1)
    """Number of latent factors."""
    masked: float = Field(0.0, ge=0, lt=1)
    """Share of the inputs set to zero at random in training (in steps of 1/256); the target stays whole."""
    with_factors: bool = False
    """Whether the answer has the factors behind the reconstruction: K = F + latent."""


class ReconstructionNetwork(Network):
    """An autoencoder whose answer is the record itself, as a correction of the offset (the column means).

    Its error is an anomaly score: small on records like those of the training, large on others (Hawkins, He,
    Williams and Baxter 2002). Noisy columns would rule it; weights of one over each column's training
    variance, in training as in the score, prevent that. Inputs masked in training (Vincent, Larochelle,
    Bengio and Manzagol 2008) make it read each column off the others. The history is not read.
    """

    reads: ClassVar[frozenset[str]] = frozenset({"features"})

    def __init__(self, shape: NetworkShape, config: ReconstructionConfig, draws: Draws) -> None:
        super().__init__(shape)
        self.dropped = round(config.masked * BYTE)
        self.with_factors = config.with_factors
        self.encoder = StackedMlp(draws, shape.n_features, config.hidden)
        self.factors = StackedLinear(draws, self.encoder.n_out, config.latent)
        self.decoder = Readout(draws, config.latent, config.hidden[::-1], shape.n_outputs)

    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """``[M, B, 1, F]``, or ``[M, B, 1, F + latent]`` with factors (see `Network.forward`)."""
        latent = self._encode(features)
        rebuilt = self.decoder(latent)
        answer = torch.cat([rebuilt, latent], dim=-1) if self.with_factors else rebuilt
        return answer.unsqueeze(2)

    def training_outputs(
        self, features: Tensor, sequence: Tensor, cross_section: Tensor, noise: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The reconstruction alone, from masked inputs where there is noise; the auxiliary loss is zero."""
        seen = masked(features, noise, self.dropped) if noise is not None else features
        return self.by_horizon(self.decoder(self._encode(seen))), torch.zeros(
            features.shape[0], device=features.device
        )

    def noise_size(self, n_rows: int) -> int:
        """A byte per input."""
        return n_rows * self.shape.n_features if self.dropped else 0

    def _encode(self, features: Tensor) -> Tensor:
        return torch.tanh(self.factors(self.encoder(features)))  # [M, B, latent]


def masked(features: Tensor, noise: Tensor, dropped: int) -> Tensor:
    """Features ``[M, B, F]`` with zeros where a byte of ``noise[M, B * F]`` is below `dropped`."""
    kept = torch.unflatten(noise, 1, features.shape[1:]) >= dropped
    return features * kept
