"""How a table would be read, without training: what each column is, what it could be, what is in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from barograph.collect.columns import plain
from barograph.collect.panels.columns import panel_columns
from barograph.collect.raw import UNSAID, RawTable
from barograph.collect.reading import table_of
from barograph.collect.reading.large import LARGE, is_large_text, sampled_text
from barograph.collect.records.column_types import Kind, typed
from barograph.collect.records.own import useless
from barograph.collect.records.roles import USUAL_TARGETS
from barograph.collect.violation import quoted
from barograph.core.errors import DataError, InputError
from barograph.core.panel_study import PanelSection
from barograph.core.records import Assumed
from barograph.core.section import FileSection


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A study that could be run on a table."""

    study: str
    target: str | None = None
    time: str | None = None

    def command(self, source: str) -> str:
        """As typed."""
        flags = {"--target": self.target, "--time": self.time}
        said = [f"{flag} {quoted(name)}" for flag, name in flags.items() if name]
        return " ".join([f"barograph run {self.study} --data {quoted(source)}", *said])


@dataclass(frozen=True, slots=True)
class Reading:
    """How a study would read a table: what it would assume, or why it would refuse it."""

    command: str
    assumed: tuple[Assumed, ...]
    refused: str = ""


Part = Literal["time", "target", "identifier", "constant", "empty", "value", "in doubt"]
EXAMPLES = 3
MOST_COLUMNS = 1_000
"""Columns up to which a table is looked at as levels, and read by the studies that could be run on it."""
TIME_WORDS = ("date", "time", "day", "month", "quarter", "period", "datetime", "timestamp", "sasdate")

__all__ = ["LARGE", "ColumnReading", "Inspection", "Reading", "Suggestion", "inspect_table"]


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
    assumed: tuple[Assumed, ...]  # of the table as a whole
    suggestions: tuple[Suggestion, ...]  # what could be run on it, the likeliest first
    source: str  # as the commands name it
    readings: tuple[Reading, ...] = ()  # how the studies would read it; not of a large file

    @property
    def commands(self) -> tuple[str, ...]:
        """What could be run on it, as typed."""
        return tuple(one.command(self.source) for one in self.suggestions)

    def of(self, part: Part) -> tuple[ColumnReading, ...]:
        """The columns that could play a part."""
        return tuple(one for one in self.columns if one.part == part)


def inspect_table(data: object, form: FileSection = UNSAID) -> Inspection:
    """Look at a file, folder, database, address or frame; nothing is written and nothing trained.

    A text file of more than `LARGE` bytes is counted whole, and its types are told from rows spread evenly.

    Raises
    ------
    DataError, StorageError, SettingError
        It is no table at all; what is wrong with single columns is a note of theirs.
    """
    missing: dict[str, float] | None = None
    if isinstance(data, str | Path) and is_large_text(data):
        raw, rows, missing = sampled_text(Path(data).expanduser(), form)
    else:
        raw = table_of(data, form=form)
        rows = raw.frame.height
    columns = tuple(_column(raw, name, missing) for name in raw.frame.columns)
    return Inspection(
        label=raw.label,
        rows=rows,
        looked_at=raw.frame.height,
        columns=columns,
        notes=raw.notes,
        assumed=raw.assumed,
        suggestions=_suggestions(raw, columns),
        source=str(data) if isinstance(data, str | Path) else "FILE",
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
    part = _part(name, column.kind, filled, empty > 0.0, useless(name, column))
    return ColumnReading(
        name,
        column.kind,
        part,
        empty if missing is None else missing[name],
        filled.n_unique(),
        shown,
        () if part == "identifier" else column.notes,  # what is left out is read in no way
    )


def _part(name: str, kind: Kind, filled: pl.Series, empty: bool, why_useless: str) -> Part:
    distinct = filled.n_unique()
    if distinct == 0:
        return "empty"
    if distinct == 1:
        return "constant"
    if kind == "date":
        return "time"
    if (distinct == 2 and not empty) or _usual(name):
        return "target"
    return "identifier" if why_useless else "value"


def _suggestions(raw: RawTable, columns: tuple[ColumnReading, ...]) -> tuple[Suggestion, ...]:
    """What could be run, the likeliest first."""
    named = {part: [one.name for one in columns if one.part == part] for part in ("time", "target")}
    time = sorted(named["time"], key=lambda name: plain(name).split()[-1:] not in [[w] for w in TIME_WORDS])
    target = sorted(named["target"], key=lambda name: not _usual(name))
    series = [Suggestion("rates")] if _is_calendar(raw) else []
    records: list[Suggestion] = []
    if target:
        records = [
            Suggestion("credit", target[0]),
            *([Suggestion("credit", target[0], time[0])] if time else []),
        ]
    usual = bool(target) and _usual(target[0])
    return tuple(records + series if usual else series + records)


def _usual(name: str) -> bool:
    return plain(name) in USUAL_TARGETS or "default" in plain(name).replace(".", " ").split()


def _is_calendar(raw: RawTable) -> bool:
    """Whether a table is one of levels: numbers, and days that come once, or once per country or tenor."""
    if raw.frame.width > MOST_COLUMNS:
        return False
    try:
        found = panel_columns(raw, PanelSection())
    except InputError:
        return False
    once = found.raw.frame[found.time].n_unique() == found.raw.frame.height
    return once or found.entity is not None or found.tenor is not None
