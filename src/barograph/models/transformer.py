"""Transformer over patches of the window, beside the features."""

from __future__ import annotations

from typing import ClassVar, Self

import torch
import torch.nn.functional as F
from pydantic import Field, model_validator
from torch import Tensor, nn

from barograph.models.layers import Draws, Readout, StackedAttention, StackedLayerNorm, StackedLinear
from barograph.models.network import Network, NetworkConfig, NetworkShape


class TransformerConfig(NetworkConfig):
    """Settings of `TransformerNetwork`."""

    patch: int = Field(4, ge=1)
    """Steps of the window that make one token."""
    width: int = Field(16, ge=1)
    """Units of a token."""
    heads: int = Field(2, ge=1)
    """Attention heads; they divide `width`."""
    layers: int = Field(1, ge=1, le=4)
    """Attention blocks."""
    hidden: tuple[int, ...] = (32,)
    """Units of the layers that read the last token and the features."""

    @model_validator(mode="after")
    def _heads_divide_width(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"heads ({self.heads}) must divide width ({self.width})")
        return self


class TransformerBlock(nn.Module):
    """Pre-norm attention and feed-forward block; the last one of a network asks for the last token only."""

    def __init__(self, draws: Draws, config: TransformerConfig, *, last: bool) -> None:
        super().__init__()
        self.last = last
        self.before_attention = StackedLayerNorm(draws, config.width)
        self.attention = StackedAttention(draws, config.width, n_heads=config.heads)
        self.before_product = StackedLayerNorm(draws, config.width)
        self.widen = StackedLinear(draws, config.width, 2 * config.width)
        self.narrow = StackedLinear(draws, 2 * config.width, config.width)

    def forward(self, tokens: Tensor) -> Tensor:
        """``[M, B, N, D] -> [M, B, N, D]``, or ``[M, B, 1, D]`` for the last block."""
        normal = self.before_attention(tokens)
        since = tokens.shape[2] - 1 if self.last else 0
        tokens = tokens[:, :, since:] + self.attention(normal[:, :, since:], normal)
        out: Tensor = tokens + self.narrow(F.silu(self.widen(self.before_product(tokens))))
        return out


class TransformerNetwork(Network):
    """Tokens are patches of the window (Nie et al. 2023); the last token joins the features.

    Tokens carry learned places. The window ends at the origin, so attention may look everywhere in it.
    """

    reads: ClassVar[frozenset[str]] = frozenset({"features", "sequence"})

    def __init__(self, shape: NetworkShape, config: TransformerConfig, draws: Draws) -> None:
        super().__init__(shape)
        self.patch = config.patch
        n_tokens = -(-shape.window // config.patch)
        self.embed = StackedLinear(draws, config.patch * shape.n_channels, config.width)
        self.place = draws.uniform(1, n_tokens, config.width, bound=0.1)
        last = config.layers - 1
        self.blocks = nn.ModuleList(
            TransformerBlock(draws, config, last=number == last) for number in range(config.layers)
        )
        self.norm = StackedLayerNorm(draws, config.width)
        n_out = shape.n_horizons * shape.n_outputs
        self.readout = Readout(draws, config.width + shape.n_features, config.hidden, n_out)

    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """``[M, B, H, K]`` (see `Network.forward`)."""
        missing = -sequence.shape[2] % self.patch
        padded = F.pad(sequence, (0, 0, missing, 0))
        patches = torch.unflatten(padded, 2, (-1, self.patch))  # [M, B, N, patch, C]
        tokens = self.embed(patches.flatten(3)) + self.place  # [M, B, N, D]
        for block in self.blocks:
            tokens = block(tokens)
        last = self.norm(tokens[:, :, -1])
        return self.by_horizon(self.readout(torch.cat([last, features], dim=-1)))
