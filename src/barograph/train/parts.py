"""What the loop needs from elsewhere, as contracts: data of some kind, and the room of models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field
from typing import Any, ClassVar, Protocol, TypeVar, cast

from torch import Tensor, nn

from barograph.core.arrays import IntArray
from barograph.core.network import NetworkShape

Inputs = tuple[Tensor, Tensor, Tensor]
"""Features ``[M, B, F]``, sequence ``[M, B, T, C]``, cross-section ``[M, B, P]``."""


class TrainingMember(Protocol):
    """One network of a stack: the seed that decides its first weights and batches, and its own rows."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def seed(self) -> int:
        """Unique to network, fold and repetition."""
        ...

    @property
    def fit_rows(self) -> IntArray:
        """Rows it learns from."""
        ...

    @property
    def validation_rows(self) -> IntArray:
        """Rows that say when to stop."""
        ...


class TrainingTables(Protocol):
    """Data as tensors, read by row number; M members, B rows each."""

    def take(self, keep: Tensor) -> TrainingTables:
        """The same for some of the members."""
        ...

    def inputs(self, rows: Tensor) -> Inputs:
        """What the network reads at ``rows[M, B]``."""
        ...

    def targets(self, rows: Tensor) -> tuple[Tensor, ...]:
        """What the head's loss takes beside the raw outputs, at ``rows[M, B]``."""
        ...


Taken = TypeVar("Taken", bound=TrainingMember, contravariant=True)


class TrainingData(Protocol[Taken]):
    """Tables shared by all members: `stack.StackData` (panels) and `record_data.RecordData` (records)."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def n_rows(self) -> int:
        """Rows of the tables."""
        ...

    @property
    def n_targets(self) -> int:
        """Columns of the target."""
        ...

    @property
    def look_rows(self) -> int:
        """Rows of a look at the validation loss, at most; evenly spaced over the member's validation rows."""
        ...

    def first_row(self, reads: frozenset[str]) -> int:
        """The first row at which these inputs are complete."""
        ...

    def shape(self, n_members: int, *, n_outputs: int) -> NetworkShape:
        """The shape of a stack on this data."""
        ...

    def tables(self, members: Sequence[Taken], reads: frozenset[str]) -> TrainingTables:
        """The tables for a network that reads only some of the inputs."""
        ...


class HeadLoss(Protocol):
    """A loss on raw outputs (see `models.heads.Head` and `models.record_heads.RecordHead`)."""

    def outputs(self, n_targets: int) -> int:
        """Outputs K for so many columns of the target."""
        ...

    @property
    def loss(self) -> Callable[..., Tensor]:
        """``[M, B, H]`` from ``raw[M, B, H, K]`` and what `TrainingTables.targets` gives."""
        ...

    @property
    def held_out_loss(self) -> Callable[..., Tensor]:
        """``[M, B]`` in double precision from the same: the loss that early stopping looks at."""
        ...


class Catalogue(Protocol):
    """Turns names into networks and heads.

    `barograph.models.catalogue.CATALOGUE` does it for forecasts, `barograph.models.scorers.SCORING_CATALOGUE`
    for records.
    """

    def build(
        self, key: str, settings: Mapping[str, Any], shape: NetworkShape, seeds: Sequence[int]
    ) -> nn.Module:
        """An untrained stack of networks (see `barograph.models.network.Network`)."""
        ...

    def head(self, key: str) -> HeadLoss:
        """The head of a name."""
        ...


def inputs_read(network: nn.Module, shape: NetworkShape) -> frozenset[str]:
    """The inputs that a network looks at; one without any column is left out."""
    sizes = {
        "features": shape.n_features,
        "sequence": shape.window * shape.n_channels,
        "cross_section": shape.n_cross,
    }
    reads = cast(frozenset[str], cast(Any, network).reads)
    return frozenset(name for name in reads if sizes[name])
