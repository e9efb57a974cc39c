"""The promise every network keeps, and the base of their settings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn

from barograph.core.network import NetworkShape
from barograph.core.section import Section

__all__ = ["Network", "NetworkConfig", "NetworkShape"]


class NetworkConfig(Section):
    """Base of a network's own settings: frozen, and a stranger's key is an error."""


class Network(nn.Module, ABC):
    """Many small networks of one kind side by side: every weight is ``[n_members, ...]``.

    A member's answer depends on its own weights and inputs only. The last layer starts at zero, so an
    untrained network answers exactly zero: added to the conventional forecast it leaves that forecast as it
    was.

    Parameters
    ----------
    shape : NetworkShape
        Sizes of inputs and output.
    """

    reads: ClassVar[frozenset[str]] = frozenset({"features", "sequence", "cross_section"})
    """The inputs the network looks at; the others may hold anything of the right shape."""

    def __init__(self, shape: NetworkShape) -> None:
        super().__init__()
        self.shape = shape

    @abstractmethod
    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """Raw outputs.

        Parameters
        ----------
        features : Tensor
            ``[M, B, F]``, standardised.
        sequence : Tensor
            ``[M, B, T, C]``, standardised, oldest step first.
        cross_section : Tensor
            ``[M, B, P]``, standardised.

        Returns
        -------
        Tensor
            ``[M, B, H, K]``.
        """

    def training_outputs(
        self, features: Tensor, sequence: Tensor, cross_section: Tensor, noise: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Raw outputs, and the auxiliary loss ``[M]`` a network adds to that of its head (zero for most).

        `noise` are random bytes ``[M, noise_size(B)]``, each member's own, for a network that trains with
        dropout; without them nothing is dropped.
        """
        raw = self(features, sequence, cross_section)
        return raw, torch.zeros(raw.shape[0], device=raw.device)

    def noise_size(self, n_rows: int) -> int:
        """Random bytes per member that a training step on so many rows wants (none for most)."""
        return 0

    def by_horizon(self, flat: Tensor) -> Tensor:
        """``[M, B, H * K]`` as ``[M, B, H, K]``."""
        return torch.unflatten(flat, -1, (self.shape.n_horizons, self.shape.n_outputs))
