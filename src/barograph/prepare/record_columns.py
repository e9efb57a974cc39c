"""Columns of a table of records as arrays, checked: a missing column or another type is never guessed at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError, nearest

LARGEST = 1e30
"""Numbers beyond this are read as this, so that squares and float32 stay finite."""


def numbers(table: pl.DataFrame, names: Sequence[str]) -> FloatArray:
    """Numeric columns side by side.

    Parameters
    ----------
    table : DataFrame
        Rows of `Records.table`.
    names : sequence of str
        Columns to read; the table may have others.

    Returns
    -------
    array [n, n_names]
        NaN where a value is missing, otherwise within ± ``LARGEST``.

    Raises
    ------
    DataError
        If a column is absent, holds something else than numbers, or a NaN or infinite number.

    Examples
    --------
    >>> numbers(pl.DataFrame({"jobs": [3, None]}), ["jobs"]).tolist()
    [[3.0], [nan]]
    """
    values = np.empty((table.height, len(names)))
    for place, name in enumerate(names):
        column = _column(table, name)
        if not (column.dtype.is_numeric() or column.dtype == pl.Null):
            raise _other_type(column, "numbers")
        column = column.cast(pl.Float64)
        if not bool(column.is_finite().all()):
            raise DataError(
                f"the numbers of column '{name}' must be finite",
                came="got NaN or an infinite number",
                do="Leave the cell empty where the number is not known",
            )
        values[:, place] = column.to_numpy()
    return np.clip(values, -LARGEST, LARGEST)


def texts(table: pl.DataFrame, name: str) -> pl.Series:
    """A categorical column; a missing value becomes "".

    Raises
    ------
    DataError
        If the column is absent or holds something else than text.

    Examples
    --------
    >>> texts(pl.DataFrame({"state": ["CA", None]}), "state").to_list()
    ['CA', '']
    """
    column = _column(table, name)
    if not (column.dtype in (pl.String, pl.Null) or isinstance(column.dtype, pl.Categorical | pl.Enum)):
        raise _other_type(column, "text")
    return column.cast(pl.String).fill_null("")


def places(column: pl.Series, known: Sequence[str], *, otherwise: int) -> IntArray:
    """Where each text stands in a list of known ones.

    Examples
    --------
    >>> places(pl.Series(["b", "c"]), ["a", "b"], otherwise=-1).tolist()
    [1, -1]
    """
    if not known:
        return np.full(column.len(), otherwise, dtype=np.int64)
    found = column.replace_strict(
        list(known), list(range(len(known))), default=otherwise, return_dtype=pl.Int64
    )
    return np.asarray(found.to_numpy(), dtype=np.int64)


def _column(table: pl.DataFrame, name: str) -> pl.Series:
    if name not in table.columns:
        raise DataError(
            f"the records must carry the column '{name}'",
            came=f"it is not among their {table.width} columns",
            do=f"Add it; {nearest(name, table.columns)}" if table.width else "Add it",
        )
    return table[name]


def _other_type(column: pl.Series, wanted: str) -> DataError:
    return DataError(
        f"the column '{column.name}' must hold {wanted}",
        came=f"it holds {column.dtype}",
        do=f"Give {wanted}, as in the records that the model was trained on",
    )
