"""Tables of what a database holds: cells, and columns by their keys."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from typing import Any

from barograph.cli.plain import as_json
from barograph.cli.show import Column, stdout, table
from barograph.cli.words import said

__all__ = ["cell", "listing", "rows_of"]


def cell(value: Any) -> str:
    """A value as a cell; a dash where there is none."""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return "–" if value is None or value == "" else str(value)


def rows_of(title: str, keys: Sequence[str], rows: list[list[str]]) -> None:
    """Rows under a title, a column for each key."""
    table(stdout(), said(f"title.{title}"), [Column(said(f"column.{key}")) for key in keys], rows)


def listing(
    title: str, found: Sequence[Any], keys: Sequence[str], rows: list[list[str]], *, as_one_object: bool
) -> None:
    """What was found: as one object that holds it under its title, or as a table of rows."""
    if as_one_object:
        sys.stdout.write(as_json({title: found}) + "\n")
    else:
        rows_of(title, keys, rows)
