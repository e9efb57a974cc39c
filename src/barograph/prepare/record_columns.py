"""Columns of a table of records as arrays, checked: a missing column or another type is never guessed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError, nearest

LARGEST = 1e30
"""Numbers beyond this are read as this, so that squares and float32 stay finite."""
MANY = 4096
"""Rows from which polars numbers texts faster than a dictionary: four times for many, a twentieth for one."""


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
        values[:, place] = column.cast(pl.Float64).to_numpy()
        if np.isinf(values[:, place]).any() or np.isnan(values[:, place]).sum() != column.null_count():
            raise DataError(
                f"the numbers of column '{name}' must be finite",
                came="got NaN or an infinite number",
                do="Leave the cell empty where the number is not known",
            )
    return np.clip(values, -LARGEST, LARGEST)


def texts(table: pl.DataFrame, name: str) -> list[str]:
    """A categorical column; a missing value becomes "".

    Raises
    ------
    DataError
        If the column is absent or holds something else than text.

    Examples
    --------
    >>> texts(pl.DataFrame({"state": ["CA", None]}), "state")
    ['CA', '']
    """
    return [text or "" for text in _words(table, name).to_list()]


def numbered_texts(table: pl.DataFrame, name: str, number: Mapping[str, int], *, otherwise: int) -> IntArray:
    """The number of each text of a categorical column, [n], as `numbered` of its `texts` has it.

    Raises
    ------
    DataError
        As `texts`.

    Examples
    --------
    >>> table = pl.DataFrame({"state": ["CA", None, "WY"]})
    >>> numbered_texts(table, "state", {"": 0, "CA": 1}, otherwise=2).tolist()
    [1, 0, 2]
    """
    if table.height < MANY:
        return numbered(texts(table, name), number, otherwise=otherwise)
    words = _words(table, name).cast(pl.String).fill_null("")
    known = words.cast(pl.Enum(list(number)), strict=False).to_physical().fill_null(len(number))
    value: IntArray = np.fromiter((*number.values(), otherwise), dtype=np.int64, count=len(number) + 1)
    found: IntArray = value[known.to_numpy()]
    return found


def numbered(words: Sequence[str], number: Mapping[str, int], *, otherwise: int) -> IntArray:
    """The number of each word.

    Examples
    --------
    >>> numbered(["b", "c"], {"a": 0, "b": 1}, otherwise=-1).tolist()
    [1, -1]
    """
    return np.fromiter((number.get(word, otherwise) for word in words), dtype=np.int64, count=len(words))


def _words(table: pl.DataFrame, name: str) -> pl.Series:
    column = _column(table, name)
    if not (column.dtype in (pl.String, pl.Null) or isinstance(column.dtype, pl.Categorical | pl.Enum)):
        raise _other_type(column, "text")
    return column


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
