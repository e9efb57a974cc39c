"""AdamW on a flat table of weights, one row per member, everything per member."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from barograph.core.section import OptimiserSection

BETAS = (0.9, 0.999)
EPSILON = 1e-8
WARM_UP = 0.05
"""Share of the steps in which the rate rises to its peak."""
LAST_RATE = 0.1
"""Share of the peak rate at which the schedule ends."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each weight of a network lies in a member's row of the flat table ``[M, n_weights]``."""

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]  # without the member axis
    decays: Tensor  # [n_weights] 1 where weight decay applies: matrices, not biases, gains or places

    @classmethod
    def of(cls, network: nn.Module) -> Layout:
        """The layout of a stacked network."""
        named = list(network.named_parameters())
        shapes = tuple(tuple(values.shape[1:]) for _, values in named)
        parts = [
            torch.full((math.prod(shape),), float(name.endswith("weight")))
            for (name, _), shape in zip(named, shapes, strict=True)
        ]
        return cls(tuple(name for name, _ in named), shapes, torch.cat(parts))

    def flatten(self, weights: Mapping[str, Tensor]) -> Tensor:
        """The flat table ``[M, n_weights]`` of named weights."""
        return torch.cat([weights[name].detach().flatten(1) for name in self.names], dim=1)

    def named(self, flat: Tensor) -> dict[str, Tensor]:
        """Views of the flat table, each ``[M, *shape]``."""
        parts = torch.split_with_sizes(flat, [math.prod(shape) for shape in self.shapes], dim=1)
        return {
            name: torch.unflatten(part, 1, shape)
            for name, part, shape in zip(self.names, parts, self.shapes, strict=True)
        }


@dataclass(slots=True)
class AdamState:
    """Weights and moments ``[A, n_weights]`` of the members still in training, and their updates ``[A]``."""

    weights: Tensor
    first: Tensor
    second: Tensor
    updates: Tensor

    @classmethod
    def fresh(cls, weights: Tensor) -> AdamState:
        """No step taken yet."""
        zeros = torch.zeros_like(weights)
        none = torch.zeros(weights.shape[0], dtype=torch.int64, device=weights.device)
        return cls(weights.clone(), zeros, zeros.clone(), none)

    def take(self, keep: Tensor) -> AdamState:
        """The state of some members."""
        return AdamState(self.weights[keep], self.first[keep], self.second[keep], self.updates[keep])


def rate_at(step: int, settings: OptimiserSection) -> float:
    """Learning rate of a step (from 0): a linear rise, then half a cosine down to a tenth of the peak."""
    rise = max(1, round(WARM_UP * settings.max_steps))
    if step < rise:
        return settings.learning_rate * (step + 1) / rise
    way = (step - rise) / max(1, settings.max_steps - rise)
    share = LAST_RATE + (1.0 - LAST_RATE) * 0.5 * (1.0 + math.cos(math.pi * way))
    return settings.learning_rate * share


def advance(
    state: AdamState,
    gradient: Tensor,
    *,
    usable: Tensor,
    rate: float,
    layout: Layout,
    settings: OptimiserSection,
) -> Tensor:
    """One AdamW step (Loshchilov and Hutter 2019), each member's gradient clipped to its own norm.

    Parameters
    ----------
    state : AdamState
        Changed in place.
    gradient : Tensor
        ``[A, n_weights]``.
    usable : Tensor
        ``[A]`` bool; a member that is not, or whose gradient is not finite, keeps weights and moments as
        they are.
    rate : float
        Learning rate of this step.
    layout : Layout
        Says where weight decay applies.
    settings : OptimiserSection
        `clip` and `weight_decay`.

    Returns
    -------
    Tensor
        ``[A]`` bool, the members that were advanced.
    """
    norm = torch.linalg.vector_norm(gradient, dim=1)
    moved = usable & torch.isfinite(norm)
    scale = (settings.clip / (norm + 1e-12)).clamp(max=1.0)
    clipped = torch.where(moved[:, None], gradient * scale[:, None], 0.0)
    state.updates += moved
    count = state.updates.clamp(min=1).double()
    first = torch.lerp(clipped, state.first, BETAS[0])
    second = torch.lerp(clipped.square(), state.second, BETAS[1])
    root = (second / (1.0 - BETAS[1] ** count).float()[:, None]).sqrt_().add_(EPSILON)
    move = (first / (1.0 - BETAS[0] ** count).float()[:, None]).div_(root).mul_(rate)
    decayed = state.weights * (1.0 - rate * settings.weight_decay * layout.decays)
    state.weights = torch.where(moved[:, None], decayed.sub_(move), state.weights)
    state.first = torch.where(moved[:, None], first, state.first)
    state.second = torch.where(moved[:, None], second, state.second)
    return moved
