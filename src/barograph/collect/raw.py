"""A table as it was found, before anything is assumed about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from barograph.core.records import Assumed
from barograph.core.section import FileSection

UNSAID = FileSection()
"""A file of which nothing is said: all is found out."""
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
    notes: tuple[str, ...] = ()  # what was assumed while reading, in words
    assumed: tuple[Assumed, ...] = ()  # the same, as settings that repeat it
    decimal: str = ""  # "point" or "comma", where the table as a whole shows it
    written: Mapping[str, str] = field(default_factory=dict)  # column -> how its text is written, where said


def by_rows(frame: pl.DataFrame, *, label: str, notes: tuple[str, ...] = ()) -> RawTable:
    """A frame whose rows are counted from 1, as no header line comes before them."""
    named = {name: nameless(place) for place, name in enumerate(frame.columns, start=1) if not name.strip()}
    rows = pl.Series("row", range(1, frame.height + 1), dtype=pl.Int64)
    return RawTable(frame.rename(named), rows, "row", label, notes)
