"""TabM: many small networks in one that share their weights but for input scaling and last layer."""

from __future__ import annotations

import itertools
from typing import Any, ClassVar, cast

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from barograph.models.layers import Draws, StackedLinear
from barograph.models.network import Network, NetworkConfig, NetworkShape

BYTE = 256
threshold_backward = torch.ops.aten.threshold_backward.grad_input


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
        self.inverse = BYTE / (BYTE - self.dropped)
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
        return self._answers(features, noise), torch.zeros(features.shape[0], device=features.device)

    def noise_size(self, n_rows: int) -> int:
        """A byte per unit and row, and for the rows by which the sub-networks' masks are apart."""
        return sum(self.hidden) * (n_rows + self.k - 1) if self.dropped else 0

    def _answers(self, features: Tensor, noise: Tensor | None) -> Tensor:
        *between, last = self._masks(noise, features.shape[1])
        state = self._first(features)
        for mask, layer in zip(between, self.layers[1:], strict=True):
            shared = cast(StackedLinear, layer)
            weight, shift = shared.weight.transpose(1, 2)[:, None], shared.bias.transpose(1, 2)[:, None]
            state = weight @ (torch.relu(state) * mask) + shift
        if isinstance(last, Tensor):
            raw: Tensor = cast(Any, DroppedAnswer).apply(state, last, self.last_weight, self.inverse)
        else:
            raw = self.last_weight @ torch.relu(state)
        return (raw + self.last_bias).permute(0, 3, 1, 2)  # from [M, k, K, B]

    def _first(self, features: Tensor) -> Tensor:
        """``[M, B, F] -> [M, k, units, B]``, before the activation."""
        layer = cast(StackedLinear, self.layers[0])
        weight = self.scale[:, :, None] * layer.weight.transpose(1, 2)[:, None]  # [M, k, units, F]
        bias = layer.bias.transpose(1, 2).repeat(1, self.k, 1)  # [M, k * units, 1]
        flat = torch.baddbmm(bias, weight.flatten(1, 2), features.transpose(1, 2))
        return torch.unflatten(flat, 1, (self.k, -1))

    def _masks(self, noise: Tensor | None, n_rows: int) -> list[Tensor | float]:
        """Per hidden layer ``[M, k, units, B]``: zero for what is dropped, else the inverse of what stays."""
        if noise is None or not self.dropped:
            return [1.0] * len(self.hidden)
        places = n_rows + self.k - 1
        masks: list[Tensor | float] = []
        for part in torch.split_with_sizes(noise, [units * places for units in self.hidden], 1):
            kept = (part >= self.dropped).float() * self.inverse
            masks.append(torch.unflatten(kept, 1, (-1, places)).unfold(2, n_rows, 1).transpose(1, 2))
        return masks


class DroppedAnswer(Function):
    """``(state[M, k, units, B], mask, weight[M, k, K, units], kept) -> [M, k, K, B]``: ReLU, mask, product.

    A unit has a slope where it is above zero behind the mask, and there the slope is `kept`, the only value
    of the mask but zero: so the gradient reads what the last layer read, and nothing else.
    """

    @staticmethod
    def forward(ctx: Any, state: Tensor, mask: Tensor, weight: Tensor, kept: float) -> Tensor:
        """Answers without their bias."""
        read = torch.relu(state).mul_(mask)
        ctx.kept = kept
        ctx.save_for_backward(read, weight)
        return weight @ read

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Of state and weight."""
        read, weight = ctx.saved_tensors
        back = (ctx.kept * weight).transpose(2, 3)  # [M, k, units, K]
        by_rank_one = gradient.shape[2] == 1  # at which a matrix product is slow
        slope = back * gradient if by_rank_one else back @ gradient
        threshold_backward(slope, read, 0.0, grad_input=slope)
        return slope, None, gradient @ read.transpose(2, 3), None
