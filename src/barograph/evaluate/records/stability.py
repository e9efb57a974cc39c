"""Is the scored population still the one the models were fitted on? Stability of columns and of the score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.record_table import Records
from barograph.core.scored import ScoredRecords
from barograph.core.scoring_study import ScoringStudy
from barograph.evaluate.records.plan import block_name, training_rows
from barograph.measures.credit.stability import csi, psi_of

CELLS = 10
"""Quantile bins of a number; missing values are a cell of their own."""


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """Stability indices by test block.

    Columns are held against the records that the block's models were fitted on, the score against that of the
    first block: what a model says of records it was fitted to is no reference for what it says of others.
    """

    model: str
    blocks: tuple[str, ...]
    score: FloatArray  # [n_blocks] PSI of the model's prediction; NaN for the first block
    columns: tuple[str, ...]
    csi: FloatArray  # [n_columns, n_blocks]


def stability(records: Records, study: ScoringStudy, scored: ScoredRecords, model: str) -> Stability | None:
    """Indices of every block of a protocol with time; None under cross-validation, whose folds are alike.

    Cells are cut at deciles of the reference, those of categorical columns are the categories.
    """
    if scored.protocol == "cross_validation":
        return None
    blocks = np.unique(scored.vintage).tolist()
    tested = {block: scored.rows[scored.vintage == block] for block in blocks}
    trained = {block: training_rows(records, study, scored.protocol, block) for block in blocks}
    columns = [
        [_of_column(records.table[name], trained[block], tested[block]) for block in blocks]
        for name in records.columns
    ]
    return Stability(
        model,
        tuple(block_name(study, scored.protocol, block) for block in blocks),
        _of_score(scored, model, blocks),
        records.columns,
        np.array(columns).reshape(len(records.columns), len(blocks)),
    )


def _of_score(scored: ScoredRecords, model: str, blocks: list[int]) -> FloatArray:
    p = scored.predicted[model]
    first = p[scored.vintage == blocks[0]]
    later = [psi_of(first, p[scored.vintage == block], _deciles(first)).index for block in blocks[1:]]
    return np.array([np.nan, *later])


def _of_column(column: pl.Series, before: IntArray, after: IntArray) -> float:
    if column.dtype == pl.String:
        return csi(column[before.tolist()].to_list(), column[after.tolist()].to_list()).index
    values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return psi_of(values[before], values[after], _deciles(values[before])).index


def _deciles(values: FloatArray) -> FloatArray:
    known = values[np.isfinite(values)]
    if not known.size:
        return np.empty(0)
    return np.unique(np.quantile(known, np.linspace(0, 1, CELLS + 1)[1:-1]))
