"""Raw outputs of a trained stack, each member on its own rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from barograph.core.arrays import IntArray
from barograph.core.errors import LeakError
from barograph.train.batches import Tables
from barograph.train.parts import Catalogue
from barograph.train.stack import Float32Array, Member, StackData, TrainedStack

ROWS_AT_ONCE = 256


def restored(trained: TrainedStack, *, catalogue: Catalogue) -> nn.Module:
    """The network of a trained stack, with its weights."""
    seeds = [0] * trained.shape.n_members
    network = catalogue.build(trained.network, trained.settings, trained.shape, seeds)
    network.load_state_dict({name: torch.from_numpy(values) for name, values in trained.weights.items()})
    return network.eval()


def predict_stack(
    trained: TrainedStack,
    members: Sequence[Member],
    data: StackData,
    rows: Sequence[IntArray],
    *,
    catalogue: Catalogue,
) -> list[Float32Array]:
    """Raw outputs of every member on its own rows.

    Parameters
    ----------
    trained : TrainedStack
        What `train_stack` gave.
    members : sequence of Member
        The same members, in the same order: their folds and scalings are used.
    data : StackData
        The shared tables; more rows than in training are welcome.
    rows : sequence of IntArray
        Per member, the rows to answer for.
    catalogue : Catalogue
        `barograph.models.catalogue.CATALOGUE`.

    Returns
    -------
    list of Float32Array
        Per member ``[n_rows, H, K]``; `barograph.measures.heads.interpret` says what they mean.
    """
    if not len(members) == len(rows) == trained.shape.n_members:
        raise LeakError(f"{trained.shape.n_members} members need as many records and row lists")
    network = restored(trained, catalogue=catalogue)
    tables = Tables.of(data, members, cast(frozenset[str], cast(Any, network).reads))
    longest = max((one.size for one in rows), default=0)
    least = data.window - 1
    padded = np.full((len(rows), longest), least, dtype=np.int64)
    for member, one in enumerate(rows):
        padded[member, : one.size] = one
    shape = trained.shape
    out = np.empty((len(rows), longest, shape.n_horizons, shape.n_outputs), dtype=np.float32)
    with torch.no_grad():
        for since in range(0, longest, ROWS_AT_ONCE):
            block = torch.from_numpy(padded[:, since : since + ROWS_AT_ONCE])
            out[:, since : since + ROWS_AT_ONCE] = network(*tables.inputs(block)).numpy()
    return [out[member, : one.size].copy() for member, one in enumerate(rows)]
