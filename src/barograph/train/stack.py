"""What goes into training a stack, and what comes out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.numpy import load, save

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import BundleError, LeakError
from barograph.core.network import NetworkShape
from barograph.train.batches import Scaling, Tables, as_float32

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class StackData:
    """One set of tables shared by all members; rows are those of `Samples`, nothing is standardised yet.

    The window of row i is rows ``i - window + 1 … i`` of `channels`; callers use only rows whose window lies
    inside one entity.
    """

    features: Float32Array  # [n, F]
    channels: Float32Array  # [n, C]
    cross_section: Float32Array  # [n, P]
    window: int  # steps of the window
    fold_inputs: Float32Array  # [n_folds, n, E] further features that differ by fold
    offset: Float32Array  # [n_folds, n, H] log variance a correction starts from
    target: Float32Array  # [n, H] sum of squared returns over the horizon
    target_return: Float32Array  # [n, H] return over the horizon

    @property
    def n_rows(self) -> int:
        """Rows of the tables."""
        return int(self.features.shape[0])

    @property
    def n_targets(self) -> int:
        """Number of horizons."""
        return int(self.target.shape[1])

    @property
    def look_rows(self) -> int:
        """Rows of a look at the validation loss, at most."""
        return 2048

    def first_row(self, reads: frozenset[str]) -> int:
        """The first row whose window lies inside the table."""
        return self.window - 1 if "sequence" in reads else 0

    def shape(self, n_members: int, *, n_outputs: int) -> NetworkShape:
        """The shape of a stack on this data."""
        return NetworkShape(
            n_members=n_members,
            n_features=self.features.shape[1] + self.fold_inputs.shape[2],
            n_channels=self.channels.shape[1],
            window=self.window,
            n_cross=self.cross_section.shape[1],
            n_horizons=self.target.shape[1],
            n_outputs=n_outputs,
        )

    def tables(self, members: Sequence[Member], reads: frozenset[str]) -> Tables:
        """The tables for a network that reads only some of the inputs."""
        limit, offset = [m.limit for m in members], as_float32(self.offset)
        return Tables(
            features=as_float32(self.features),
            channels=as_float32(self.channels),
            cross_section=as_float32(self.cross_section),
            fold_inputs=as_float32(self.fold_inputs),
            ratio=(as_float32(self.target) * torch.exp(-offset)).flatten(0, 1),
            standardised=(as_float32(self.target_return) * torch.exp(-0.5 * offset)).flatten(0, 1),
            window=self.window,
            reads=reads,
            fold=torch.tensor([m.fold for m in members]),
            feature_scaling=Scaling.of(
                [m.feature_mean for m in members], [m.feature_scale for m in members], limit
            ),
            channel_scaling=Scaling.of(
                [m.channel_mean for m in members], [m.channel_scale for m in members], limit
            ),
            cross_scaling=Scaling.of(
                [m.cross_mean for m in members], [m.cross_scale for m in members], limit
            ),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One network of a stack: a fold and a seed, its own rows and its own scaling.

    `seed` alone decides first weights and batches; callers make it unique to network, fold and repetition
    (`barograph.core.seeds.seed_of`).
    """

    fold: int  # index into fold_inputs and offset
    seed: int
    fit_rows: IntArray
    validation_rows: IntArray
    feature_mean: FloatArray  # [F + E]
    feature_scale: FloatArray  # [F + E]
    channel_mean: FloatArray  # [C]
    channel_scale: FloatArray  # [C]
    cross_mean: FloatArray  # [P]
    cross_scale: FloatArray  # [P]
    limit: float  # standardised inputs are clipped to ± limit


@dataclass(frozen=True, slots=True)
class MemberHistory:
    """How the training of one member went; losses are means over validation rows and horizons."""

    best_step: int  # 0: nothing beat the conventional forecast it started from
    best_loss: float
    start_loss: float  # validation loss of the untrained network
    steps: int  # optimiser steps taken
    skipped: int  # steps left out because loss or gradient was not finite


@dataclass(frozen=True, slots=True, eq=False)
class TrainedStack:
    """A trained stack: names, sizes and plain arrays. Nothing in it can be trained further."""

    network: str
    settings: dict[str, Any]
    head: str
    shape: NetworkShape
    weights: dict[str, Float32Array]  # each [n_members, ...]
    history: tuple[MemberHistory, ...]

    def take(self, members: Sequence[int]) -> TrainedStack:
        """The stack of some members."""
        chosen = list(members)
        shape = replace(self.shape, n_members=len(chosen))
        weights = {name: np.ascontiguousarray(values[chosen]) for name, values in self.weights.items()}
        history = tuple(self.history[i] for i in chosen)
        return TrainedStack(self.network, self.settings, self.head, shape, weights, history)

    def to_bytes(self) -> bytes:
        """The stack as safetensors, with everything but the arrays as JSON in its metadata."""
        about = {
            "network": self.network,
            "settings": self.settings,
            "head": self.head,
            "shape": asdict(self.shape),
            "history": [asdict(one) for one in self.history],
        }
        contiguous = {name: np.ascontiguousarray(values) for name, values in self.weights.items()}
        return bytes(save(contiguous, metadata={"stack": json.dumps(about)}))

    @classmethod
    def from_bytes(cls, content: bytes) -> TrainedStack:
        """The inverse of `to_bytes`; `BundleError` where the content is damaged."""
        try:
            about = json.loads(metadata_of(content)["stack"])
            weights = load(content)
            return cls(
                network=about["network"],
                settings=about["settings"],
                head=about["head"],
                shape=_shape(about["shape"]),
                weights=weights,
                history=tuple(MemberHistory(**one) for one in about["history"]),
            )
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise BundleError(
                "a trained stack must be the safetensors content that Barograph wrote",
                came=f"reading it failed ({error})",
                do="Train again, or restore the file from a copy",
            ) from error


def _shape(plain: dict[str, Any]) -> NetworkShape:
    """The shape from JSON, which knows lists only."""
    return NetworkShape(**{**plain, "groups": tuple(plain.get("groups", ()))})


def joined_stacks(stacks: Sequence[TrainedStack]) -> TrainedStack:
    """Members of several stacks of one network as one stack; `LeakError` where the stacks differ."""
    first = stacks[0]
    for one in stacks[1:]:
        alike = (one.network, one.settings, one.head) == (first.network, first.settings, first.head)
        if not alike or asdict(one.shape) | {"n_members": 0} != asdict(first.shape) | {"n_members": 0}:
            raise LeakError(f"stacks of '{first.network}' and '{one.network}' are not of one shape")
    shape = NetworkShape(**{**asdict(first.shape), "n_members": sum(one.shape.n_members for one in stacks)})
    weights = {name: np.concatenate([one.weights[name] for one in stacks]) for name in first.weights}
    history = tuple(record for one in stacks for record in one.history)
    return TrainedStack(first.network, first.settings, first.head, shape, weights, history)


def metadata_of(content: bytes) -> dict[str, str]:
    """The metadata of safetensors content: 8 bytes of length (little endian), then a JSON header."""
    length = int.from_bytes(content[:8], "little")
    header: dict[str, dict[str, str]] = json.loads(content[8 : 8 + length])
    return header["__metadata__"]
