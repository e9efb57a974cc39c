"""Layers for many members at once: weights ``[M, ...]``, inputs ``[M, B, ..., in]``.

Each member's first weights come from its own seed, in the order in which layers are built, so that a member
starts at the same numbers whichever stack it is in.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from barograph.core.seeds import generator


class Draws:
    """First values of weights, one random stream per member.

    Parameters
    ----------
    seeds : sequence of int
        One per member.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self.n_members = len(seeds)
        self._streams = [generator(seed, "weights") for seed in seeds]

    def uniform(self, *size: int, bound: float) -> nn.Parameter:
        """A parameter ``[M, *size]``, uniform on ± `bound`."""
        values = np.stack([stream.uniform(-bound, bound, size) for stream in self._streams])
        return nn.Parameter(torch.from_numpy(values.astype(np.float32)))

    def constant(self, *size: int, value: float = 0.0) -> nn.Parameter:
        """A parameter ``[M, *size]`` of one value."""
        return nn.Parameter(torch.full((self.n_members, *size), value))


class StackedLinear(nn.Module):
    """``x @ weight + bias`` for every member: ``[M, ..., n_in] -> [M, ..., n_out]``.

    Weights start uniform on ± gain · sqrt(3 / n_in) (unit variance carried forward for gain 1) and biases
    at zero;
    with ``zero=True`` all start at zero.
    """

    def __init__(self, draws: Draws, n_in: int, n_out: int, *, zero: bool = False, gain: float = 1.0) -> None:
        super().__init__()
        bound = gain * (3.0 / max(n_in, 1)) ** 0.5
        self.weight = draws.constant(n_in, n_out) if zero else draws.uniform(n_in, n_out, bound=bound)
        self.bias = draws.constant(1, n_out)

    def forward(self, x: Tensor) -> Tensor:
        """``[M, ..., n_in] -> [M, ..., n_out]``."""
        if x.dim() == 3:
            return torch.baddbmm(self.bias, x, self.weight)
        flat = torch.baddbmm(self.bias, x.flatten(1, -2), self.weight)
        return torch.unflatten(flat, 1, x.shape[1:-1])


class StackedLayerNorm(nn.Module):
    """Layer normalisation over the last axis (Ba, Kiros and Hinton 2016); gain and bias per member."""

    def __init__(self, draws: Draws, width: int) -> None:
        super().__init__()
        self.gain = draws.constant(width, value=1.0)
        self.bias = draws.constant(width)

    def forward(self, x: Tensor) -> Tensor:
        """``[M, ..., width] -> [M, ..., width]``."""
        normal = F.layer_norm(x, x.shape[-1:])
        axes = (1,) * (x.dim() - 2)
        return normal * torch.unflatten(self.gain, -1, (*axes, -1)) + torch.unflatten(
            self.bias, -1, (*axes, -1)
        )


class StackedMlp(nn.Module):
    """Hidden layers with SiLU, ``[M, B, n_in] -> [M, B, hidden[-1]]``; no layer at all hands the input on."""

    def __init__(self, draws: Draws, n_in: int, hidden: Sequence[int]) -> None:
        super().__init__()
        sizes = [n_in, *hidden]
        self.n_out = sizes[-1]
        pairs = itertools.pairwise(sizes)
        self.layers = nn.ModuleList(StackedLinear(draws, a, b) for a, b in pairs)

    def forward(self, x: Tensor) -> Tensor:
        """``[M, B, n_in] -> [M, B, hidden[-1]]``."""
        for layer in self.layers:
            x = F.silu(layer(x))
        return x


class Readout(nn.Module):
    """Hidden layers and a last layer that starts at zero: ``[M, B, n_in] -> [M, B, n_out]``."""

    def __init__(self, draws: Draws, n_in: int, hidden: Sequence[int], n_out: int) -> None:
        super().__init__()
        self.body = StackedMlp(draws, n_in, hidden)
        self.last = StackedLinear(draws, self.body.n_out, n_out, zero=True)

    def forward(self, x: Tensor) -> Tensor:
        """``[M, B, n_in] -> [M, B, n_out]``."""
        out: Tensor = self.last(self.body(x))
        return out


class TreeConvolution(nn.Module):
    """One dilated causal convolution, computed only where the last output of the whole tower looks.

    A tower of causal convolutions with kernel k and dilations 1, k, k², … reads, for its last output,
    disjoint groups of k neighbours on every floor. So each floor is one matrix product on groups, and the
    length falls by the factor k: ``[M, B, T, n_in] -> [M, B, ceil(T / k), n_out]``, steps before the window
    counting as zero. From the second floor on, the group's last step is added to the result (a residual
    connection).
    """

    def __init__(self, draws: Draws, n_in: int, n_out: int, *, kernel: int) -> None:
        super().__init__()
        self.kernel = kernel
        self.residual = n_in == n_out
        self.product = StackedLinear(draws, kernel * n_in, n_out)

    def forward(self, x: Tensor) -> Tensor:
        """``[M, B, T, n_in] -> [M, B, ceil(T / kernel), n_out]``."""
        missing = -x.shape[2] % self.kernel
        padded = F.pad(x, (0, 0, missing, 0))
        groups = torch.unflatten(padded, 2, (-1, self.kernel))  # [M, B, groups, kernel, n_in]
        out = F.silu(self.product(groups.flatten(3)))
        return out + groups[:, :, :, -1] if self.residual else out


class StackedAttention(nn.Module):
    """Multi-head attention (Vaswani et al. 2017): ``queries[M, B, Q, D]`` look at ``x[M, B, N, D]``."""

    def __init__(self, draws: Draws, width: int, *, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.query = StackedLinear(draws, width, width)
        self.key_value = StackedLinear(draws, width, 2 * width)
        self.mix = StackedLinear(draws, width, width)

    def forward(self, queries: Tensor, x: Tensor) -> Tensor:
        """``[M, B, Q, D]``."""
        query = self._split(self.query(queries))  # [M, B, heads, Q, D / heads]
        key, value = (self._split(part) for part in self.key_value(x).chunk(2, dim=-1))
        weights = torch.softmax(query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5, dim=-1)
        mixed: Tensor = self.mix((weights @ value).transpose(2, 3).flatten(3))
        return mixed

    def _split(self, x: Tensor) -> Tensor:
        return torch.unflatten(x, -1, (self.n_heads, -1)).transpose(2, 3)
