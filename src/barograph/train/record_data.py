"""Records as training data: encoded features, the record's own history, and a target with weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from barograph.core.arrays import IntArray
from barograph.core.errors import LeakError
from barograph.core.network import NetworkShape
from barograph.train.batches import as_float32, rows_of
from barograph.train.parts import Catalogue, Inputs
from barograph.train.predict import predict_stack
from barograph.train.stack import Float32Array, TrainedStack


@dataclass(frozen=True, slots=True, eq=False)
class RecordMember:
    """One network of a stack: a seed and its rows. All members of a stack read the same encoding.

    `seed` alone decides first weights, batches and dropout; callers make it unique to network, fold, part and
    repetition (`barograph.core.seeds.seed_of`).
    """

    seed: int
    fit_rows: IntArray
    validation_rows: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class RecordData:
    """One encoded table of records, shared by all members; rows are those of `Records`.

    A record that no member fits or validates on may have any target. Where the weight is 0 the target does
    not count and may be anything as well.
    """

    features: Float32Array  # [n, F] encoded (see `prepare.encoder`), finite
    sequence: Float32Array  # [n, T, C] standardised, finite, oldest step first; T = 0 without a history
    offset: Float32Array  # [n, J] logit (or value) that the correction starts from; zeros if none
    target: Float32Array  # [n, J]
    weight: Float32Array  # [n, J] 1 where the target counts, 0 where it does not (not at risk)
    groups: tuple[int, ...] = ()  # columns of `features` that encode one column of the records, in order

    @property
    def n_rows(self) -> int:
        """Number of records."""
        return int(self.features.shape[0])

    @property
    def n_targets(self) -> int:
        """Columns of the target."""
        return int(self.target.shape[1])

    @property
    def look_rows(self) -> int:
        """Rows of a look at the validation loss, at most: many, since bad records are rare."""
        return 8192

    def first_row(self, reads: frozenset[str]) -> int:
        """Row 0: every record brings its own history."""
        return 0

    def shape(self, n_members: int, *, n_outputs: int) -> NetworkShape:
        """The shape of a stack on this data; there is no cross-section, and one horizon."""
        return NetworkShape(
            n_members=n_members,
            n_features=self.features.shape[1],
            n_channels=self.sequence.shape[2],
            window=self.sequence.shape[1],
            n_cross=0,
            n_horizons=1,
            n_outputs=n_outputs,
            groups=self.groups,
        )

    def tables(self, members: Sequence[RecordMember], reads: frozenset[str]) -> RecordTables:
        """The records as tensors.

        Raises
        ------
        LeakError
            If an input, or a target that counts for a member, is not finite.
        """
        for name in sorted(reads):
            if not np.isfinite(getattr(self, name)).all():
                raise LeakError(
                    f"the {name} of records must be finite: encode missing values before training"
                )
        for member in members:
            for rows in (member.fit_rows, member.validation_rows):
                counts = self.weight[rows] > 0
                if not np.isfinite(np.where(counts, self.target[rows] + self.offset[rows], 0.0)).all():
                    raise LeakError(
                        f"member with seed {member.seed} was given records without a known target"
                    )
        return RecordTables(
            features=as_float32(self.features),
            sequence=as_float32(self.sequence),
            offset=as_float32(self.offset),
            target=as_float32(np.where(self.weight > 0, self.target, 0.0)),
            weight=as_float32(self.weight),
            reads=reads,
        )


@dataclass(frozen=True, slots=True)
class RecordTables:
    """The tables of `RecordData` as tensors; the same for every member."""

    features: Tensor  # [n, F]
    sequence: Tensor  # [n, T, C]
    offset: Tensor  # [n, J]
    target: Tensor  # [n, J]
    weight: Tensor  # [n, J]
    reads: frozenset[str]

    def take(self, keep: Tensor) -> RecordTables:
        """The same tables: members differ by their rows only."""
        return self

    def inputs(self, rows: Tensor) -> Inputs:
        """What the network reads at ``rows[M, B]``; an input it does not read is zeros without memory."""
        n_members, n_rows = rows.shape
        zero = torch.zeros((), device=rows.device)
        features, sequence = (
            rows_of(table, rows) if name in self.reads else zero.expand(n_members, n_rows, *table.shape[1:])
            for name, table in (("features", self.features), ("sequence", self.sequence))
        )
        return features, sequence, zero.expand(n_members, n_rows, 0)

    def targets(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Target, offset and weight, each ``[M, B, J]``."""
        return rows_of(self.target, rows), rows_of(self.offset, rows), rows_of(self.weight, rows)


def predict_records(
    trained: TrainedStack, data: RecordData, rows: IntArray, *, catalogue: Catalogue
) -> Float32Array:
    """Raw outputs of every member on the same records.

    Parameters
    ----------
    trained : TrainedStack
        What `barograph.train.loop.train_stack` gave.
    data : RecordData
        Records in the encoding of the training; targets are not looked at.
    rows : IntArray
        The records to answer for.
    catalogue : Catalogue
        `barograph.models.scorers.SCORING_CATALOGUE`.

    Returns
    -------
    Float32Array
        ``[M, n_rows, H, K]`` with H sub-networks; a probability is ``sigmoid(raw + offset)``, averaged over
        members and sub-networks (`barograph.models.record_heads` says what the outputs of each head mean).
    """
    nobody = np.empty(0, dtype=np.int64)
    n_members = trained.shape.n_members
    members = [RecordMember(0, nobody, nobody)] * n_members
    return np.stack(predict_stack(trained, members, data, [rows] * n_members, catalogue=catalogue))
