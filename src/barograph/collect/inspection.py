"""How a table would be read, without training: what each column is, what it could be, what is in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from barograph.collect.columns import plain
from barograph.collect.raw import RawTable
from barograph.collect.reading import table_of
from barograph.collect.reading.large import LARGE, is_large_text, sampled_text
from barograph.collect.records.column_types import Kind, typed
from barograph.collect.records.own import useless
from barograph.collect.records.roles import USUAL_TARGETS
from barograph.core.errors import DataError

Part = Literal["time", "target", "identifier", "constant", "empty", "value", "in doubt"]
EXAMPLES = 3
TIME_WORDS = ("date", "time", "day", "month", "quarter", "period", "datetime", "timestamp", "sasdate")

__all__ = ["LARGE", "ColumnReading", "Inspection", "inspect_table"]


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """One column as it would be read."""

    name: str
    kind: Kind | Literal["unreadable"]
    part: Part  # what it could be
    missing: float  # share of the rows
    distinct: int  # values, among the rows looked at
    examples: tuple[str, ...]
    notes: tuple[str, ...]  # what would be assumed, or what is in doubt and how to settle it


@dataclass(frozen=True, slots=True)
class Inspection:
    """A table as it would be read."""

    label: str
    rows: int
    looked_at: int  # rows whose values decided the types; all of them for a table of usual size
    columns: tuple[ColumnReading, ...]
    notes: tuple[str, ...]
    commands: tuple[str, ...]  # what could be run on it, as typed

    def of(self, part: Part) -> tuple[ColumnReading, ...]:
        """The columns that could play a part."""
        return tuple(one for one in self.columns if one.part == part)


def inspect_table(data: object) -> Inspection:
    """Look at a file, folder, database, address or frame; nothing is written and nothing trained.

    A text file of more than `LARGE` bytes is counted whole, and its types are told from rows spread evenly.

    Raises
    ------
    DataError, StorageError, SettingError
        It is no table at all; what is wrong with single columns is a note of theirs.
    """
    missing: dict[str, float] | None = None
    if isinstance(data, str | Path) and is_large_text(data):
        raw, rows, missing = sampled_text(Path(data).expanduser())
    else:
        raw = table_of(data)
        rows = raw.frame.height
    columns = tuple(_column(raw, name, missing) for name in raw.frame.columns)
    return Inspection(
        label=raw.label,
        rows=rows,
        looked_at=raw.frame.height,
        columns=columns,
        notes=raw.notes,
        commands=_commands(str(data) if isinstance(data, str | Path) else "FILE", columns, raw.frame.height),
    )


def _column(raw: RawTable, name: str, missing: dict[str, float] | None) -> ColumnReading:
    series = raw.frame[name]
    written = series.drop_nulls()
    written = written.filter(written.cast(pl.String).str.strip_chars() != "")
    shown = tuple(str(value) for value in written.unique(maintain_order=True).head(EXAMPLES))
    try:
        column = typed(raw, name)
    except DataError as error:
        share = series.null_count() / max(len(series), 1)
        return ColumnReading(name, "unreadable", "in doubt", share, series.n_unique(), shown, (str(error),))
    empty = column.values.null_count() / max(len(column.values), 1)
    filled = column.values.drop_nulls()
    return ColumnReading(
        name,
        column.kind,
        _part(name, column.kind, filled, empty > 0.0, useless(name, column)),
        empty if missing is None else missing[name],
        filled.n_unique(),
        shown,
        column.notes,
    )


def _part(name: str, kind: Kind, filled: pl.Series, empty: bool, why_useless: str) -> Part:
    distinct = filled.n_unique()
    if distinct == 0:
        return "empty"
    if distinct == 1:
        return "constant"
    if kind == "date":
        return "time"
    if not empty and (distinct == 2 or plain(name) in USUAL_TARGETS):
        return "target"
    return "identifier" if why_useless else "value"


def _commands(source: str, columns: tuple[ColumnReading, ...], rows: int) -> tuple[str, ...]:
    """What could be run, the likeliest first."""
    named = {part: [one.name for one in columns if one.part == part] for part in ("time", "target")}
    time = sorted(named["time"], key=lambda name: plain(name).split()[-1:] not in [[w] for w in TIME_WORDS])
    target = sorted(named["target"], key=lambda name: plain(name) not in USUAL_TARGETS)
    numbers = [one.name for one in columns if one.kind == "numeric" and one.part == "value"]
    calendar = any(one.part == "time" and one.distinct == rows for one in columns)
    series = [f"barograph run rates --data {quoted(source)}"] if calendar and numbers else []
    records: list[str] = []
    if target:
        said = f"barograph run credit --data {quoted(source)} --target {quoted(target[0])}"
        records = [said, *([f"{said} --time {quoted(time[0])}"] if time else [])]
    usual = bool(target) and plain(target[0]) in USUAL_TARGETS
    return tuple(records + series if usual else series + records)


def quoted(word: str) -> str:
    """A word as a shell wants it."""
    return f"'{word}'" if any(sign in word for sign in " ;&|#$()<>*?[]") else word
