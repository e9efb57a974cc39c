"""Raw outputs of a trained stack, each member on its own rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from barograph.core.arrays import IntArray
from barograph.core.errors import LeakError
from barograph.train.parts import Catalogue, Taken, TrainingData, inputs_read
from barograph.train.stack import Float32Array, TrainedStack

ROWS_AT_ONCE = 256


def restored(trained: TrainedStack, *, catalogue: Catalogue) -> nn.Module:
    """The network of a trained stack, with its weights."""
    seeds = [0] * trained.shape.n_members
    network = catalogue.build(trained.network, trained.settings, trained.shape, seeds)
    network.load_state_dict({name: torch.from_numpy(values) for name, values in trained.weights.items()})
    return network.eval()


def predict_stack(
    trained: TrainedStack,
    members: Sequence[Taken],
    data: TrainingData[Taken],
    rows: Sequence[IntArray],
    *,
    catalogue: Catalogue,
) -> list[Float32Array]:
    """Raw outputs of every member on its own rows.

    Parameters
    ----------
    trained : TrainedStack
        What `train_stack` gave.
    members : sequence of TrainingMember
        The same members, in the same order: their folds and scalings are used where they have any.
    data : TrainingData
        The shared tables; more rows than in training are welcome.
    rows : sequence of IntArray
        Per member, the rows to answer for.
    catalogue : Catalogue
        The one that the stack was trained with.

    Returns
    -------
    list of Float32Array
        Per member ``[n_rows, H, K]``; `barograph.measures` says what they mean, such as `heads.interpret`.
    """
    if not len(members) == len(rows) == trained.shape.n_members:
        raise LeakError(f"{trained.shape.n_members} members need as many records and row lists")
    network = restored(trained, catalogue=catalogue)
    reads = inputs_read(network, trained.shape)
    tables = data.tables(members, reads)
    longest = max(1, *(one.size for one in rows))
    padded = np.full((len(rows), longest), data.first_row(reads), dtype=np.int64)
    for member, one in enumerate(rows):
        padded[member, : one.size] = one
    with torch.no_grad():
        blocks = [
            network(*tables.inputs(torch.from_numpy(padded[:, since : since + ROWS_AT_ONCE]))).numpy()
            for since in range(0, longest, ROWS_AT_ONCE)
        ]
    out: Float32Array = np.concatenate(blocks, axis=1)
    return [out[member, : one.size].copy() for member, one in enumerate(rows)]
