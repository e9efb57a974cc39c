"""What a caller gives to be scored, as a table: one record, several, a frame, or a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from barograph.collect.frames import as_polars
from barograph.collect.mappings import frame_of
from barograph.collect.raw import RawTable, by_rows
from barograph.collect.reading import read_table
from barograph.core.errors import DataError

LABEL = "the request"


def request_table(data: object, wanted: Sequence[str]) -> RawTable:
    """A request as a table.

    Parameters
    ----------
    data : mapping, sequence of mappings, polars or pandas frame, Arrow table, or path
        One record or many.
    wanted : sequence of str
        Columns that every record given as a mapping must name (None for a missing value).

    Raises
    ------
    DataError
        None of these, no record, a record without a wanted column, a value that is a list.
    """
    if isinstance(data, Mapping):
        data = [data]
    if isinstance(data, str | Path):
        raw = read_table(data)
    elif isinstance(data, Sequence):
        raw = by_rows(frame_of(data, wanted, label=LABEL), label=LABEL)
    else:
        raw = by_rows(as_polars(data), label=LABEL)
    if not raw.frame.height:
        raise DataError(f"{raw.label} must hold at least one record", came="it has no row", do="Give records")
    return raw
