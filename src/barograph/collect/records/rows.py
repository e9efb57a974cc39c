"""One wording for rows that break a rule: how many, and where the user finds the first."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from barograph.collect.raw import RawTable
from barograph.collect.violation import shortened
from barograph.core.errors import DataError


def refuse_rows(raw: RawTable, column: str, rule: str, bad: pl.Series, *, do: str) -> None:
    """Raises `DataError` if any row is bad, naming the count, the first row and its value.

    Parameters
    ----------
    raw : RawTable
        The table the user gave; its rows may stand in another order than the user's.
    column : str
        The column that breaks the rule.
    rule : str
        What it must do, continuing "column 'x' of the table must …".
    bad : polars.Series
        Boolean [rows]; null counts as good.
    do : str
        What to do.
    """
    if not bad.any():
        return
    places = bad.fill_null(False).arg_true()
    first = int(places[int(raw.numbers.gather(places).arg_min() or 0)])
    value = raw.frame[column][first]
    shown = "an empty cell" if value is None else f"'{shortened(str(value))}'"
    raise DataError(
        f"column '{shortened(column)}' of {raw.label} must {rule}",
        came=f"{len(places):,} of {raw.frame.height:,} rows do not, the first in {raw.place} "
        f"{raw.numbers[first]} with {shown}",
        do=do,
    )


def kept(raw: RawTable, places: pl.Series) -> RawTable:
    """Some of the rows (by index, in that order), still counted as the user counts them."""
    return replace(raw, frame=raw.frame[places], numbers=raw.numbers.gather(places))
