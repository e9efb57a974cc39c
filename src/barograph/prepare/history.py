"""A history for records that carry none: what had happened around them in the months before their own.

A step is a calendar month that had ended before the month in which the record was made. Its figures rest on
facts dated by the end of that month: applications, amounts and charge-offs of the whole book, how the
record's own groups (its state, its sector) stood beside the book, and macro series as far as published. So
one history, built from all records of a source, serves every fold: what came later is in later months.
`history_build.build_history` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import polars as pl

from barograph.core.arrays import AnyArray, DateArray, FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.record_table import Records
from barograph.prepare.record_columns import numbered, texts

CHARGE_OFFS, GROWTH = "charge_offs", "growth"


@dataclass(frozen=True, slots=True, eq=False)
class GroupHistory:
    """How the groups of one categorical column stood beside the book, per month.

    The last column belongs to no group: a record that names none, or one that the history never had, stands
    where the book stands (0).
    """

    column: str
    groups: tuple[str, ...]
    charge_offs: FloatArray  # [n_months, n_groups + 1] log of charge-offs over those expected; NaN unknown
    growth: FloatArray  # [n_months, n_groups + 1] log of applications over those expected; NaN unknown

    @property
    def channels(self) -> tuple[str, str]:
        """Names of the two figures, in the sequence and in the table."""
        return f"{self.column}_{CHARGE_OFFS}", f"{self.column}_{GROWTH}"

    def code(self, records: Records) -> IntArray:
        """Place of each record's group, [n]."""
        number = {name: place for place, name in enumerate(self.groups)}
        return numbered(texts(records.table, self.column), number, otherwise=len(self.groups))


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Figures of consecutive calendar months, all of which have ended."""

    first: np.datetime64  # [M] month of the first row
    months: int  # steps of a record's history
    book_channels: tuple[str, ...]
    book: FloatArray  # [n_months, n_book_channels] whole book, then macro series; NaN unknown
    groups: tuple[GroupHistory, ...]

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels of a record's sequence."""
        return (*self.book_channels, *self.summaries)

    @property
    def summaries(self) -> tuple[str, ...]:
        """Columns that join the table: the groups' figures of the last step."""
        return tuple(name for group in self.groups for name in group.channels)

    @property
    def last(self) -> np.datetime64:
        """The last month, [M]."""
        return np.datetime64(self.first + self.book.shape[0] - 1, "M")


def with_history(records: Records, history: History, *, summaries: bool = True) -> Records:
    """The records with the months before them as `sequence`; the groups' last figures may join the table.

    Parameters
    ----------
    records : Records
        With a time, the columns of the history's groups, and no sequence of their own.
    history : History
    summaries : bool
        Whether the columns `History.summaries` join the table, for every model to see.

    Returns
    -------
    Records
        `sequence` is float32, [n, months, C], oldest month first, the month before the record's own last;
        NaN where nothing is known yet. The summaries are figures relative to the book, which mean the same
        in every year. A record made after the history's end has
        the last months there are (see `stale`).

    Raises
    ------
    DataError
        If the records have no time, a sequence of their own, a column named like a summary, or lack the
        column of a group.
    """
    _check(records, history)
    n_months = history.book.shape[0]
    own = np.minimum(_month(records.time) - _month(history.first), n_months)  # row of the record's own month
    row = own[:, None] + np.arange(-history.months, 0)
    row = np.where(row < 0, n_months, row)  # the row of NaN that `_padded` adds
    sequence = np.empty((records.n, history.months, len(history.channels)), dtype=np.float32)
    n_book = len(history.book_channels)
    sequence[:, :, :n_book] = _padded(history.book).astype(np.float32)[row]
    joined: dict[str, pl.Series] = {}
    channel = n_book
    for group in history.groups:
        code = group.code(records)
        for name, values in zip(group.channels, (group.charge_offs, group.growth), strict=True):
            figures = _padded(values)
            sequence[:, :, channel] = figures.astype(np.float32)[row, code[:, None]]
            joined[name] = pl.Series(name, figures[row[:, -1], code]).fill_nan(None)
            channel += 1
    numeric = (*records.numeric, *(history.summaries if summaries else ()))
    return replace(
        records,
        table=records.table.with_columns(**joined).select(*numeric, *records.categorical),
        numeric=numeric,
        sequence=cast(FloatArray, sequence),  # half the memory; the encoder computes in float64
        channels=history.channels,
    )


def stale(records: Records, history: History) -> IntArray:
    """Months that ended before a record's own but lie beyond the history's end, [n]; 0 is up to date.

    Raises
    ------
    DataError
        If the records have no time.
    """
    _check_time(records)
    beyond: IntArray = np.maximum(_month(records.time) - 1 - _month(history.last), 0)
    return beyond


def to_arrays(history: History) -> dict[str, AnyArray]:
    """The history as plain arrays, for npz without pickle.

    Examples
    --------
    >>> first = np.datetime64("2020-01", "M")
    >>> arrays = to_arrays(History(first, 1, ("rate",), np.array([[1.0], [2.0]]), ()))
    >>> from_arrays(arrays).last
    np.datetime64('2020-02')
    """
    arrays: dict[str, AnyArray] = {
        "first": np.array(str(history.first.astype("datetime64[M]"))),
        "months": np.array(history.months, dtype=np.int64),
        "book_channels": np.array(history.book_channels, dtype=np.str_),
        "book": history.book,
        "columns": np.array([group.column for group in history.groups], dtype=np.str_),
    }
    for number, group in enumerate(history.groups):
        arrays[f"groups_{number}"] = np.array(group.groups, dtype=np.str_)
        arrays[f"{CHARGE_OFFS}_{number}"] = group.charge_offs
        arrays[f"{GROWTH}_{number}"] = group.growth
    return arrays


def from_arrays(arrays: Mapping[str, AnyArray]) -> History:
    """The inverse of `to_arrays`."""
    groups = tuple(
        GroupHistory(
            column=str(column),
            groups=tuple(arrays[f"groups_{number}"].tolist()),
            charge_offs=arrays[f"{CHARGE_OFFS}_{number}"],
            growth=arrays[f"{GROWTH}_{number}"],
        )
        for number, column in enumerate(arrays["columns"].tolist())
    )
    return History(
        first=np.datetime64(str(arrays["first"]), "M"),
        months=int(arrays["months"]),
        book_channels=tuple(arrays["book_channels"].tolist()),
        book=arrays["book"],
        groups=groups,
    )


def _check(records: Records, history: History) -> None:
    _check_time(records)
    if records.sequence.shape[1]:
        raise DataError(
            "a record has one history, its own or a constructed one",
            came=f"the records carry {', '.join(records.channels)} and a constructed history is asked for",
            do="Set history_months to 0, or leave out the records' own history",
        )
    taken = [name for name in history.summaries if name in records.table.columns]
    if taken:
        raise DataError(
            "no column may be named like a figure of the constructed history",
            came=f"the records carry {', '.join(taken)}",
            do="Rename the column, or set history_months to 0",
        )


def _check_time(records: Records) -> None:
    if records.n and not records.has_time:
        raise DataError(
            "a constructed history needs the day on which each record was made",
            came="the records have no time",
            do="Name the column of the day (time), or set history_months to 0",
        )


def _month(day: DateArray | np.datetime64) -> IntArray:
    """Number of a day's calendar month."""
    number: IntArray = day.astype("datetime64[M]").astype(np.int64)
    return number


def _padded(values: FloatArray) -> FloatArray:
    """The months with one more of NaN at the end, for steps before the first."""
    return np.vstack([values, np.full((1, values.shape[1]), np.nan)])
