"""Tables of what a database holds: cells, and columns by their keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from barograph.cli.show import Column, stdout, table
from barograph.cli.words import said

__all__ = ["cell", "rows_of"]


def cell(value: Any) -> str:
    """A value as a cell; a dash where there is none."""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return "–" if value is None or value == "" else str(value)


def rows_of(title: str, keys: Sequence[str], rows: list[list[str]]) -> None:
    """Rows under a title, a column for each key."""
    table(stdout(), said(f"title.{title}"), [Column(said(f"column.{key}")) for key in keys], rows)
