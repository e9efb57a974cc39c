"""A table as it was found, before anything is assumed about it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

NAMELESS = "(column "


def nameless(place: int) -> str:
    """What a column without a name is called: its place, counted from 1, in brackets."""
    return f"{NAMELESS}{place})"


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """Columns under their own names, text or typed, beside the number of each row as the user counts."""

    frame: pl.DataFrame
    numbers: pl.Series  # Int64 [rows] line in the file, or row of the table, 1-based
    place: str  # what `numbers` counts: "line" or "row"
    label: str  # how the user calls it, such as a file's name
    notes: tuple[str, ...] = ()  # what was assumed while reading


def by_rows(frame: pl.DataFrame, *, label: str, notes: tuple[str, ...] = ()) -> RawTable:
    """A frame whose rows are counted from 1, as no header line comes before them."""
    named = {name: nameless(place) for place, name in enumerate(frame.columns, start=1) if not name.strip()}
    rows = pl.Series("row", range(1, frame.height + 1), dtype=pl.Int64)
    return RawTable(frame.rename(named), rows, "row", label, notes)
