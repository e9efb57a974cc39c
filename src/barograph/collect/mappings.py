"""Records in memory, each a mapping from column to value, as one frame."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.violation import shortened
from barograph.core.errors import DataError

SCALARS = (str, bool, int, float, datetime.date, decimal.Decimal)


def frame_of(records: Sequence[object], wanted: Sequence[str] = (), *, label: str) -> pl.DataFrame:
    """Records as columns: one type if its values share it, text otherwise.

    Parameters
    ----------
    records : sequence of mappings
        Column -> value; a column that some records leave out is null there.
    wanted : sequence of str
        Columns that every record must name once one does.
    label : str
        How messages call the records.

    Raises
    ------
    DataError
        Something is no mapping, a wanted column is not named by all, a value is not single.
    """
    rows: list[Mapping[str, object]] = []
    for number, record in enumerate(records, start=1):
        if not isinstance(record, Mapping):
            raise DataError(
                "a request in memory must be one record or a list of records, each column -> value",
                came=f"record {number} is of type {type(record).__name__}",
                do="Give {'column': value, …}, a list of such records, a frame or a path",
            )
        rows.append({str(name): value for name, value in record.items()})
    named = dict.fromkeys(name for row in rows for name in row)
    for name in wanted:
        lacking = [number for number, row in enumerate(rows, start=1) if name not in row]
        if lacking and name in named:
            raise DataError(
                f"every record of {label} must name the column '{shortened(name)}'",
                came=f"{len(lacking):,} of {len(rows):,} do not, the first is record {lacking[0]}",
                do="Give it a value, or None where the value is missing",
            )
    return pl.DataFrame([_series(name, [row.get(name) for row in rows], label) for name in named])


def _series(name: str, values: Sequence[Any], label: str) -> pl.Series:
    """Values of Python as a column: one type if they share it, text otherwise."""
    plain = [value.item() if isinstance(value, np.generic) else value for value in values]
    for number, value in enumerate(plain, start=1):
        if value is not None and not isinstance(value, SCALARS):
            raise DataError(
                f"column '{shortened(name)}' of {label} must hold single values",
                came=f"record {number} has a value of type {type(value).__name__}",
                do="Give a number, a text or a day; several records as a list of records",
            )
    types = {type(value) for value in plain if value is not None}
    if types <= {int} and all(value is None or abs(value) < 2**63 for value in plain):
        return pl.Series(name, plain, dtype=pl.Int64)
    if types <= {int, float, decimal.Decimal}:
        return pl.Series(name, [None if value is None else float(value) for value in plain], dtype=pl.Float64)
    if len(types) == 1:
        return pl.Series(name, plain)
    return pl.Series(name, [None if value is None else _as_text(value) for value in plain], dtype=pl.String)


def _as_text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
