"""The shape of a stack of networks: what `models` builds, `train` fills and a bundle remembers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """How many numbers go in and come out of a stack of networks trained together.

    Every network reads ``features[M, B, F]``, ``sequence[M, B, T, C]`` and ``cross_section[M, B, P]`` and
    answers ``raw[M, B, H, K]``: M members, B rows, F features, T steps of C channels, P cross-section
    columns, H horizons and K outputs per horizon (the head decides K). For records P is 0 and H is 1 (or the
    number of sub-networks that answer side by side).
    """

    n_members: int
    n_features: int
    n_channels: int
    window: int
    n_cross: int
    n_horizons: int
    n_outputs: int
    groups: tuple[int, ...] = ()  # columns of `features` that encode one thing, in order; () where unknown
