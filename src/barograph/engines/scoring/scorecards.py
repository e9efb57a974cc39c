"""A scorecard on a table of records: its columns as they came, and the probability it answers with."""

from __future__ import annotations

import numpy as np
import polars as pl

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.core.fitted_records import ScorecardParameters
from barograph.measures.credit.log_odds import sigmoid
from barograph.measures.credit.scorecard import bin_index, scorecard_logit
from barograph.prepare.record_columns import numbers, texts


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
    names = list(zip(fitted.columns, fitted.numeric, strict=True))
    numeric = tuple(name for name, is_numeric in names if is_numeric)
    categorical = tuple(name for name, is_numeric in names if not is_numeric)
    return bin_index(fitted, *columns_of(table, numeric, categorical))


def scorecard_answer(fitted: ScorecardParameters, table: pl.DataFrame) -> FloatArray:
    """Probability of bad of a scorecard, [n]."""
    return sigmoid(scorecard_logit(fitted, scorecard_bins(fitted, table)))
