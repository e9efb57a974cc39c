"""Batches by index: each member's rows of the shared tables, standardised with its own scaling."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from barograph.core.arrays import AnyArray
from barograph.train.parts import Inputs


def as_float32(values: AnyArray) -> Tensor:
    """A float32 tensor of an array, on its own memory where that is possible; not to be written to."""
    plain = np.require(values, dtype=np.float32, requirements=["C"])
    with warnings.catch_warnings():  # of a read-only one (memory that a node's workers share): we only read
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(plain)


@dataclass(frozen=True, slots=True)
class Scaling:
    """Each member's standardisation of one group of columns: ``clip((x - mean) / scale, ± limit)``.

    A missing value (NaN) becomes 0, the mean, as in `barograph.prepare.scaler`.
    """

    mean: Tensor  # [M, 1, columns]
    factor: Tensor  # [M, 1, columns] one over the scale
    limit: Tensor  # [M, 1, 1]

    @classmethod
    def of(cls, mean: Sequence[AnyArray], scale: Sequence[AnyArray], limit: Sequence[float]) -> Scaling:
        """Stacked from each member's own."""
        factor = 1.0 / np.stack(scale)[:, None]
        return cls(
            mean=as_float32(np.stack(mean)[:, None]),
            factor=as_float32(factor),
            limit=as_float32(np.asarray(limit)[:, None, None]),
        )

    def take(self, keep: Tensor) -> Scaling:
        """That of some members."""
        return Scaling(self.mean[keep], self.factor[keep], self.limit[keep])

    def apply_(self, x: Tensor) -> Tensor:
        """Standardises ``x[M, rows, columns]`` in place."""
        return x.sub_(self.mean).mul_(self.factor).clamp_(-self.limit, self.limit).nan_to_num_(nan=0.0)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of `StackData` as tensors, and the scalings of a stack's members."""

    features: Tensor  # [n, F]
    channels: Tensor  # [n, C]
    cross_section: Tensor  # [n, P]
    fold_inputs: Tensor  # [n_folds, n, E]
    ratio: Tensor  # [n_folds * n, H] target over the conventional forecast of each fold
    standardised: Tensor  # [n_folds * n, H] return over its square root
    window: int
    reads: frozenset[str]
    fold: Tensor  # [M]
    feature_scaling: Scaling
    channel_scaling: Scaling
    cross_scaling: Scaling

    def take(self, keep: Tensor) -> Tables:
        """The same tables for some of the members."""
        return Tables(
            features=self.features,
            channels=self.channels,
            cross_section=self.cross_section,
            fold_inputs=self.fold_inputs,
            ratio=self.ratio,
            standardised=self.standardised,
            window=self.window,
            reads=self.reads,
            fold=self.fold[keep],
            feature_scaling=self.feature_scaling.take(keep),
            channel_scaling=self.channel_scaling.take(keep),
            cross_scaling=self.cross_scaling.take(keep),
        )

    def inputs(self, rows: Tensor) -> Inputs:
        """What the network reads at ``rows[M, B]``; an input it does not read is zeros without memory."""
        n_members, n_rows = rows.shape
        zero = torch.zeros((), device=rows.device)
        features = zero.expand(n_members, n_rows, self.features.shape[1] + self.fold_inputs.shape[2])
        sequence = zero.expand(n_members, n_rows, self.window, self.channels.shape[1])
        cross_section = zero.expand(n_members, n_rows, self.cross_section.shape[1])
        if "features" in self.reads:
            found = rows_of(self.features, rows)
            if self.fold_inputs.shape[2]:
                found = torch.cat([found, self.fold_inputs[self.fold[:, None], rows]], dim=-1)
            features = self.feature_scaling.apply_(found)
        if "sequence" in self.reads:
            steps = rows[:, :, None] + torch.arange(1 - self.window, 1, device=rows.device)  # [M, B, T]
            flat = self.channel_scaling.apply_(rows_of(self.channels, steps.flatten(1)))
            sequence = torch.unflatten(flat, 1, (n_rows, self.window))
        if "cross_section" in self.reads:
            cross_section = self.cross_scaling.apply_(rows_of(self.cross_section, rows))
        return features, sequence, cross_section

    def targets(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Ratio and standardised return ``[M, B, H]`` at ``rows[M, B]``, over the conventional forecast."""
        place = rows + self.fold[:, None] * self.features.shape[0]
        return rows_of(self.ratio, place), rows_of(self.standardised, place)


def rows_of(table: Tensor, rows: Tensor) -> Tensor:
    """``table[n, ...]`` at ``rows[M, B]``: ``[M, B, ...]``."""
    return torch.unflatten(table.index_select(0, rows.reshape(-1)), 0, rows.shape)
