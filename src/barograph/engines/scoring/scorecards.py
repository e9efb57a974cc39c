"""A scorecard on a table of records: its columns as they came, and the probability it answers with."""

from __future__ import annotations

import numpy as np
import polars as pl

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.core.fitted_records import ScorecardParameters
from barograph.measures.credit.log_odds import sigmoid
from barograph.measures.credit.scorecard import group_numbers, numeric_bins, scorecard_logit
from barograph.prepare.record_columns import numbered_texts, numbers, texts


def columns_of(
    table: pl.DataFrame, numeric: tuple[str, ...], categorical: tuple[str, ...]
) -> tuple[dict[str, FloatArray], dict[str, AnyArray]]:
    """Numeric columns with NaN and categorical ones with None where a value is missing."""
    values = numbers(table, numeric)
    return (
        {name: values[:, i] for i, name in enumerate(numeric)},
        {name: np.array([text or None for text in texts(table, name)], dtype=object) for name in categorical},
    )


def scorecard_bins(fitted: ScorecardParameters, table: pl.DataFrame) -> IntArray:
    """The bin of every record in every column, [n, n_columns]."""
    bins = np.empty((table.height, len(fitted.columns)), dtype=np.int64)
    for place, name in enumerate(fitted.columns):
        if fitted.numeric[place]:
            values = numbers(table, [name])[:, 0]
            bins[:, place] = numeric_bins(values, fitted.edges[place], fitted.specials[place])
        else:
            groups = fitted.groups[place]
            bins[:, place] = numbered_texts(table, name, group_numbers(groups), otherwise=len(groups))
    return bins


def scorecard_answer(fitted: ScorecardParameters, table: pl.DataFrame) -> FloatArray:
    """Probability of bad of a scorecard, [n]."""
    return sigmoid(scorecard_logit(fitted, scorecard_bins(fitted, table)))
