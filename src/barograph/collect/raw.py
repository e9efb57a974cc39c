"""A table as it was found, before anything is assumed about it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """Columns under their own names, text or typed, beside the number of each row as the user counts."""

    frame: pl.DataFrame
    numbers: pl.Series  # Int64 [rows] line in the file, or row of the table, 1-based
    place: str  # what `numbers` counts: "line" or "row"
    label: str  # how the user calls it, such as a file's name
    notes: tuple[str, ...] = ()  # what was assumed while reading
