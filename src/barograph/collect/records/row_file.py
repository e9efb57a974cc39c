"""Records as one file of rows of equal size, so that any block of them is read without the others.

First come the records held in memory, in their order, then those beyond, in the order of their file. Numbers
are kept as they are, categories by their place among the words of the records in memory: what an encoder
fitted on those can tell apart.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from barograph.collect.columns import own_name
from barograph.collect.parts import parquet_columns
from barograph.collect.raw import RawTable
from barograph.collect.records.assembly import month_later, window_of
from barograph.collect.records.column_types import categories
from barograph.collect.records.drawn import rows_beyond
from barograph.collect.records.own_stream import refuse_moments
from barograph.collect.records.rows import kept, refuse_rows
from barograph.collect.records.serving import records_to_score, required
from barograph.collect.records.target import outcomes_of
from barograph.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from barograph.core.errors import StorageError
from barograph.core.record_table import Records, RecordSnapshot
from barograph.core.scoring_study import RecordsSection

MISSING, NEW = -2, -1
"""Codes of a category that is not there, and of one that no record in memory has."""
BLOCK_BYTES = 1 << 20
"""Size of a block, about; whole rows, 64 at least."""
HELD_AT_ONCE = 1 << 16


@dataclass(frozen=True, eq=False)
class RowFile:
    """The file, and what its rows are."""

    path: Path
    rows: int
    held: int  # the first so many are the records held in memory
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]  # per categorical column, those that codes 0, 1 … stand for
    digest: str  # of the table behind it

    @cached_property
    def layout(self) -> np.dtype[np.void]:
        """A row: numbers (NaN = missing), codes, label and outcome (NaN = unknown), the day its label is
        known (since 1970), vintage, and its place among the records in memory (-1: it is not held).
        """
        return np.dtype(
            [
                ("numbers", "<f8", (len(self.numeric),)),
                ("codes", "<i4", (len(self.categorical),)),
                ("label", "<f8"),
                ("outcome", "<f8"),
                ("label_time", "<i8"),
                ("vintage", "<i4"),
                ("place", "<i4"),
            ]
        )

    @cached_property
    def block_rows(self) -> int:
        """Rows of a block; it depends on the columns alone."""
        return max(64, BLOCK_BYTES // self.layout.itemsize)

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return -(-self.rows // self.block_rows)

    def block(self, number: int) -> AnyArray:
        """The rows of a block, read and not mapped, so that they take memory only while they are held."""
        first = number * self.block_rows
        count = min(self.block_rows, self.rows - first)
        try:
            found = np.fromfile(self.path, self.layout, count, offset=first * self.layout.itemsize)
        except OSError as error:
            raise _unreadable(self.path, error.strerror or type(error).__name__) from error
        if found.size != count:
            raise _unreadable(self.path, "it is shorter than it was written")
        return found


def write_rows(
    snapshot: RecordSnapshot, section: RecordsSection, path: Path, *, loss: bool, today: datetime.date
) -> RowFile:
    """Write the records in memory and those beyond it.

    Parameters
    ----------
    snapshot : RecordSnapshot
        The records in memory; `beyond` says where the others are.
    section : RecordsSection
        Which column plays which part, as it was settled on the records in memory.
    path : Path
        The file to write; an earlier one is replaced.
    loss : bool
        Whether the target is a loss given default.
    today : datetime.date
        The clock.

    Raises
    ------
    DataError
        A row beyond cannot be read as those in memory were; the message names count and first row.
    """
    records, beyond = snapshot.records, snapshot.beyond
    assert beyond is not None
    words = tuple(
        tuple(records.table[name].drop_nulls().unique().sort().to_list()) for name in records.categorical
    )
    empty = RowFile(path, 0, records.n, records.numeric, records.categorical, words, beyond.digest)
    reading = _Reading(snapshot, section, loss, today)
    rows = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        for first in range(0, records.n, HELD_AT_ONCE):
            places = np.arange(first, min(first + HELD_AT_ONCE, records.n))
            part = records.take(places)
            rows += _put(stream, _packed(empty, part, part.label, part.outcome, places))
        for raw in rows_beyond(beyond, reading.columns):
            if raw.frame.height:
                part, outcome = reading.read(raw)
                label = np.where(part.label_time > np.datetime64(today), np.nan, outcome)
                rows += _put(stream, _packed(empty, part, label, outcome, np.full(part.n, -1)))
    return RowFile(path, rows, records.n, records.numeric, records.categorical, words, beyond.digest)


class _Reading:
    """Rows beyond, read as those in memory were: nothing is found out anew."""

    def __init__(
        self, snapshot: RecordSnapshot, section: RecordsSection, loss: bool, today: datetime.date
    ) -> None:
        beyond = snapshot.beyond
        assert beyond is not None
        assert section.target is not None
        self._schema, self._section, self._loss, self._today = snapshot.schema, section, loss, today
        target = own_name(section.target, parquet_columns(beyond.path))
        assert target is not None  # it was found when the records in memory were read
        self._target = target
        bad, good = snapshot.outcome_words or (frozenset(), frozenset())
        self._words = (bad, good) if len(bad | good) == 2 else None  # of more, one is bad by a setting
        self.columns = [*required(self._schema), self._target]

    def read(self, raw: RawTable) -> tuple[Records, FloatArray]:
        """Records whose outcome is known and that the settings ask for, and their outcomes [n]."""
        written = {**self._section.written, **self._schema.written}
        raw = self._labelled(replace(raw, written=written, decimal=self._section.decimal))
        records = records_to_score(raw, self._schema)
        outcome, _ = outcomes_of(
            raw, self._target, positive=self._section.positive, loss=self._loss, trained=self._words
        )
        assert outcome is not None
        if self._schema.time:
            days = pl.Series(records.time)
            refuse_moments(raw, self._schema.time, days, self._today)
            label_time = month_later(records.time, self._section.known_after)
            records = replace(records, label_time=label_time)
        inside = self._inside(records)
        return records.take(inside), outcome[inside]

    def _labelled(self, raw: RawTable) -> RawTable:
        without = categories(raw.frame[self._target]).is_null()
        if self._section.unlabelled == "refuse":
            do = 'Fill it, or leave those rows out: --set "collect.unlabelled=leave out"'
            refuse_rows(raw, self._target, "hold the target in every row", without, do=do)
        return kept(raw, (~without).arg_true())

    def _inside(self, records: Records) -> BoolArray:
        since, until = window_of(self._section)
        inside: BoolArray = np.ones(records.n, dtype=bool)
        if since is not None:
            inside &= records.time >= np.datetime64(since)
        if until is not None:
            inside &= records.time <= np.datetime64(until)
        return inside


def _packed(
    file: RowFile, records: Records, label: FloatArray, outcome: FloatArray, place: IntArray
) -> AnyArray:
    rows = np.zeros(records.n, dtype=file.layout)
    for column, name in enumerate(file.numeric):
        rows["numbers"][:, column] = records.table[name].fill_null(np.nan).to_numpy()
    for column, (name, words) in enumerate(zip(file.categorical, file.words, strict=True)):
        found = records.table[name]
        codes = found.cast(pl.Enum(words), strict=False).to_physical().cast(pl.Int32).fill_null(NEW)
        rows["codes"][:, column] = codes.set(found.is_null(), MISSING).to_numpy()
    rows["label"], rows["outcome"], rows["vintage"], rows["place"] = label, outcome, records.vintage, place
    rows["label_time"] = records.label_time.astype("datetime64[D]").astype(np.int64)
    return rows


def _put(stream: BinaryIO, rows: AnyArray) -> int:
    stream.write(rows.tobytes())
    return int(rows.size)


def _unreadable(path: Path, came: str) -> StorageError:
    return StorageError(
        f"{path} must hold the rows that the run wrote there", came=came, do="Start again, without --resume"
    )
