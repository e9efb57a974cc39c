"""Transformer over the columns of a record and the steps of its history."""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from barograph.core.errors import LeakError
from barograph.models.layers import Draws, Readout, StackedLayerNorm, StackedLinear
from barograph.models.network import Network, NetworkShape
from barograph.models.transformer import TransformerBlock, TransformerConfig


class ColumnTokens(nn.Module):
    """One token per column of the records: a linear map of that column's encoding, and a bias.

    The maps are the diagonal blocks of one matrix, so that all are one product:
    ``[M, B, F] -> [M, B, n_groups, width]``.
    """

    own: Tensor

    def __init__(self, draws: Draws, groups: tuple[int, ...], width: int) -> None:
        super().__init__()
        sizes = torch.tensor(groups)
        own = torch.repeat_interleave(torch.eye(len(groups)), sizes, dim=0)  # [F, n_groups]
        self.register_buffer("own", own[:, :, None], persistent=False)
        bound = torch.repeat_interleave((3.0 / sizes).sqrt(), sizes)[:, None]
        self.weight = nn.Parameter(draws.uniform(len(own), width, bound=1.0).detach() * bound)
        self.bias = draws.uniform(1, len(groups) * width, bound=0.1)

    def forward(self, features: Tensor) -> Tensor:
        """``[M, B, F] -> [M, B, n_groups, width]``."""
        blocks = self.own * self.weight[:, :, None]  # [M, F, n_groups, width]
        tokens = torch.baddbmm(self.bias, features, blocks.flatten(2))
        return torch.unflatten(tokens, 2, blocks.shape[2:])


class FeatureTransformerNetwork(Network):
    """FT-Transformer (Gorishniy, Rubachev, Khrulkov and Babenko 2021) for records.

    Every column of the records is a token, whose encoding `NetworkShape.groups` counts out (without groups
    each encoded column is one); patches of the history, if there is any, are further tokens with learned
    places. A token of its own, the last, gathers what the others say, and joins the features in the readout,
    which the paper's network does without: a record's plain terms need no attention.
    """

    reads: ClassVar[frozenset[str]] = frozenset({"features", "sequence"})

    def __init__(self, shape: NetworkShape, config: TransformerConfig, draws: Draws) -> None:
        super().__init__(shape)
        groups = shape.groups or (1,) * shape.n_features
        if sum(groups) != shape.n_features:
            raise LeakError(f"groups of {sum(groups)} columns do not make the {shape.n_features} features")
        self.columns = ColumnTokens(draws, groups, config.width)
        self.patch = config.patch
        n_patches = -(-shape.window // config.patch)
        if n_patches:
            self.embed = StackedLinear(draws, config.patch * shape.n_channels, config.width)
            self.place = draws.uniform(1, n_patches, config.width, bound=0.1)
        self.gather = draws.uniform(1, 1, config.width, bound=0.1)
        last = config.layers - 1
        self.blocks = nn.ModuleList(
            TransformerBlock(draws, config, last=number == last) for number in range(config.layers)
        )
        self.norm = StackedLayerNorm(draws, config.width)
        self.readout = Readout(draws, config.width + shape.n_features, config.hidden, shape.n_outputs)

    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """``[M, B, 1, K]`` (see `Network.forward`)."""
        parts = [self.columns(features)]
        if self.shape.window:
            parts.append(self._steps(sequence))
        parts.append(self.gather.expand(-1, features.shape[1], -1, -1))
        tokens = torch.cat(parts, dim=2)  # [M, B, N, width]
        for block in self.blocks:
            tokens = block(tokens)
        gathered = self.norm(tokens[:, :, -1])
        return self.by_horizon(self.readout(torch.cat([gathered, features], dim=-1)))

    def _steps(self, sequence: Tensor) -> Tensor:
        """Tokens ``[M, B, n_patches, width]`` of the history; steps before it count as zero."""
        missing = -sequence.shape[2] % self.patch
        padded = F.pad(sequence, (0, 0, missing, 0))
        patches = torch.unflatten(padded, 2, (-1, self.patch))  # [M, B, n_patches, patch, C]
        out: Tensor = self.embed(patches.flatten(3)) + self.place
        return out
