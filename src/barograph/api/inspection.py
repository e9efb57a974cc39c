"""Looking at data before anything is trained."""

from __future__ import annotations

from barograph.collect.inspection import Inspection, inspect_table

__all__ = ["Inspection", "inspect"]


def inspect(data: object) -> Inspection:
    """How a table would be read: each column's type, what it could be, what is assumed or in doubt.

    Parameters
    ----------
    data : str, Path or frame
        A file, folder, database or address (see `barograph.collect.reading`), or a table in memory.
    """
    return inspect_table(data)
