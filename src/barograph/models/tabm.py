"""TabM: many small networks in one that share their weights but for input scaling and last layer."""

from __future__ import annotations

import itertools
from typing import ClassVar, cast

import torch
from pydantic import Field
from torch import Tensor, nn

from barograph.models.layers import Draws, StackedLinear
from barograph.models.network import Network, NetworkConfig, NetworkShape

BYTE = 256


class TabmConfig(NetworkConfig):
    """Settings of `TabmNetwork`."""

    k: int = Field(16, ge=1)
    """Sub-networks."""
    hidden: tuple[int, ...] = Field((128,), min_length=1)
    """Units of each hidden layer."""
    dropout: float = Field(0.1, ge=0, lt=1)
    """Share of hidden units left out at random in training (in steps of 1/256)."""


class TabmNetwork(Network):
    """TabM-mini (Gorishniy, Kotelnikov and Babenko, ICLR 2025), k predictions for every record.

    Sub-network i multiplies the features by its own vector ``r_i`` (first values ±1 at random), then all
    share the hidden layers (ReLU), and each has a last layer of its own, which here starts at zero. The loss
    is the mean over sub-networks; the answer averages their probabilities.

    Records arrive in piecewise-linear bins, one-hot for categories: the paper's embedding without its linear
    map per column, which the first hidden layer can take over. That map, not the trunk, is where published
    versions spend their time. `sequence` and `cross_section` are not read.

    Two ways to the same figures, chosen for one core:

    - ``(r_i * x) @ W`` is computed as ``x @ (r_i[:, None] * W)``, with rows as the last axis: a third to a
      quarter of the time of folding k into the batch (512 rows, 120 columns, k = 16).
    - The k dropout masks are one mask read at k places, each a row further on. At any row they are
      independent, and so are they at any sub-network; random numbers are needed for little more than one.

    Examples
    --------
    >>> shape = NetworkShape(2, 5, 0, 0, 0, 1, 1)
    >>> network = TabmNetwork(shape, TabmConfig(k=4, hidden=(8,)), Draws([1, 2]))
    >>> network(torch.ones(2, 3, 5), torch.ones(2, 3, 0, 0), torch.ones(2, 3, 0)).shape
    torch.Size([2, 3, 4, 1])
    """

    reads: ClassVar[frozenset[str]] = frozenset({"features"})

    def __init__(self, shape: NetworkShape, config: TabmConfig, draws: Draws) -> None:
        super().__init__(shape)
        self.k, self.hidden = config.k, config.hidden
        self.dropped = round(BYTE * config.dropout)
        self.scale = nn.Parameter(draws.uniform(config.k, shape.n_features, bound=1.0).detach().sign())
        sizes = itertools.pairwise((shape.n_features, *config.hidden))
        self.layers = nn.ModuleList(StackedLinear(draws, a, b) for a, b in sizes)
        self.last_weight = draws.constant(config.k, shape.n_outputs, config.hidden[-1])
        self.last_bias = draws.constant(config.k, shape.n_outputs, 1)

    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """``[M, B, k, K]`` (see `Network.forward`)."""
        return self._answers(features, None)

    def training_outputs(
        self, features: Tensor, sequence: Tensor, cross_section: Tensor, noise: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Raw outputs, with dropout where there is noise; the auxiliary loss is zero."""
        return self._answers(features, noise), torch.zeros(features.shape[0])

    def noise_size(self, n_rows: int) -> int:
        """A byte per unit and row, and for the rows by which the sub-networks' masks are apart."""
        return sum(self.hidden) * (n_rows + self.k - 1) if self.dropped else 0

    def _answers(self, features: Tensor, noise: Tensor | None) -> Tensor:
        masks = self._masks(noise, features.shape[1])
        first, *others = (cast(StackedLinear, layer) for layer in self.layers)
        weight = self.scale[:, :, None] * first.weight.transpose(1, 2)[:, None]  # [M, k, units, F]
        bias = first.bias.transpose(1, 2).repeat(1, self.k, 1)  # [M, k * units, 1]
        flat = torch.baddbmm(bias, weight.flatten(1, 2), features.transpose(1, 2))
        state = torch.relu(torch.unflatten(flat, 1, (self.k, -1))) * masks[0]  # [M, k, units, B]
        for mask, layer in zip(masks[1:], others, strict=True):
            shared, shift = layer.weight.transpose(1, 2)[:, None], layer.bias.transpose(1, 2)[:, None]
            state = torch.relu(shared @ state + shift) * mask
        raw = self.last_weight @ state + self.last_bias  # [M, k, K, B]
        return raw.permute(0, 3, 1, 2)

    def _masks(self, noise: Tensor | None, n_rows: int) -> list[Tensor | float]:
        """Per hidden layer ``[M, k, units, B]``: zero for what is dropped, else the inverse of what stays."""
        if noise is None or not self.dropped:
            return [1.0] * len(self.hidden)
        places = n_rows + self.k - 1
        masks: list[Tensor | float] = []
        for part in torch.split_with_sizes(noise, [units * places for units in self.hidden], 1):
            kept = (part >= self.dropped).float() * (BYTE / (BYTE - self.dropped))
            masks.append(torch.unflatten(kept, 1, (-1, places)).unfold(2, n_rows, 1).transpose(1, 2))
        return masks
