"""A table larger than memory: the rows that are held, drawn by the study's seed, customers whole.

Every row has a key: its number in the file, or its customer's name, hashed with the seed. The rows with the
smallest keys are held, as many as the settings allow. So the draw depends on the file and the seed alone, not
on how many rows are read at a time, and of each other row its key says that it is not held.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl

from barograph.collect.files import PARQUET_MAGIC, damaged_parquet
from barograph.collect.parts import parquet_columns, parquet_parts
from barograph.collect.raw import RawTable
from barograph.collect.records.column_types import categories
from barograph.collect.records.roles import ColumnFinder
from barograph.core.arrays import IntArray
from barograph.core.errors import SettingError
from barograph.core.notes import noted
from barograph.core.readable import readable
from barograph.core.record_table import RowsBeyond
from barograph.core.scoring_study import RecordsSection

PART = 1 << 16
"""Rows that are read at a time."""
NO_LIMIT = (1 << 63) - 1


@dataclass(slots=True)
class _Draw:
    """The rows with the smallest keys so far: never more than twice as many as are wanted, and a part."""

    most: int
    limit: int = NO_LIMIT  # rows with a smaller key are held
    keys: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    frames: list[pl.DataFrame] = field(default_factory=list)
    numbers: list[pl.Series] = field(default_factory=list)

    def take(self, keys: IntArray, raw: RawTable) -> None:
        """The next rows of the file."""
        inside = keys < self.limit
        self.keys = np.concatenate([self.keys, keys[inside]])
        self.frames.append(raw.frame.filter(inside))
        self.numbers.append(raw.numbers.filter(pl.Series(inside)))
        if self.keys.size > 2 * self.most:
            self.narrow()

    def narrow(self) -> None:
        """Lets go of the largest keys, all rows of a key alike, until no more rows are held than wanted."""
        if self.keys.size <= self.most:
            return
        self.limit = int(np.partition(self.keys, self.most)[self.most])
        inside = self.keys < self.limit
        self.frames = [pl.concat(self.frames).filter(inside)]
        self.numbers = [pl.concat(self.numbers).filter(pl.Series(inside))]
        self.keys = self.keys[inside]


def drawn_rows(section: RecordsSection, *, seed: int) -> tuple[RawTable, RowsBeyond] | None:
    """The rows of a Parquet file that are held, and what tells the others; None where all can be held.

    Parameters
    ----------
    section : RecordsSection
        `source` is the file; `in_memory` rows are held at most; rows of one `entity` together.
    seed : int
        Of the draw.

    Raises
    ------
    SettingError
        It is no Parquet file, or one customer has more rows than can be held.
    DataError
        The file is damaged.
    """
    path = Path(section.source).expanduser()
    _refuse_others(path)
    columns = parquet_columns(path)
    total = _rows(path)
    if total <= section.in_memory:
        return None
    entity = ""
    draw, label = _Draw(section.in_memory), path.name
    for raw in parquet_parts(path, columns, rows=PART):
        entity = ColumnFinder(raw)("collect.entity", section.entity) if section.entity else ""
        draw.take(keys_of(raw, entity, seed), raw)
    draw.narrow()
    if not draw.keys.size:
        raise SettingError(
            "collect.in_memory must hold the rows of any customer",
            came=f"it is {section.in_memory:,}, and one of '{entity}' has more rows of {label}",
            do="Raise it, or leave the customer out: collect.entity",
        )
    digest = _digest(path)
    held = draw.keys.size
    note = noted("notes.reading.in_memory", held=held, rows=total, seed=seed, digest=digest)
    raw = RawTable(pl.concat(draw.frames), pl.concat(draw.numbers), "row", label, (note,))
    beyond = RowsBeyond(path, entity, seed, draw.limit, total - held, digest)
    return replace(raw, written=section.written, decimal=section.decimal), beyond


def rows_beyond(beyond: RowsBeyond, columns: list[str]) -> Iterator[RawTable]:
    """The rows that are not held, in the file's order, part by part."""
    wanted = list(dict.fromkeys([*columns, *([beyond.entity] if beyond.entity else [])]))
    for raw in parquet_parts(beyond.path, wanted, rows=PART):
        outside = pl.Series(keys_of(raw, beyond.entity, beyond.seed) >= beyond.limit)
        yield replace(raw, frame=raw.frame.filter(outside), numbers=raw.numbers.filter(outside))


def keys_of(raw: RawTable, entity: str, seed: int) -> IntArray:
    """The key of each row, 0 … 2⁶³ - 1: of its customer (0 without a name), or of its number."""
    if not entity:
        return _mixed(raw.numbers.to_numpy().astype(np.uint64), seed)
    names = categories(raw.frame[entity])
    codes = names.rank("dense").fill_null(0).to_numpy().astype(np.int64)
    ordered = names.drop_nulls().unique().sort().to_list()
    keys: IntArray = np.array([0, *(_named(name, seed) for name in ordered)], dtype=np.int64)[codes]
    return keys


def _named(name: str, seed: int) -> int:
    digest = hashlib.blake2b(f"{seed}\x1f{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def _mixed(numbers: np.ndarray[tuple[int], np.dtype[np.uint64]], seed: int) -> IntArray:
    """Whole numbers mixed to all of 63 bits (splitmix64: Steele, Lea and Flood, 2014)."""
    start = np.uint64(_named("rows", seed))
    with np.errstate(over="ignore"):
        mixed = start + numbers * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(1)).astype(np.int64)


def _rows(path: Path) -> int:
    try:
        return int(pl.scan_parquet(path).select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise damaged_parquet(path.name, error) from error


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _refuse_others(path: Path) -> None:
    """`SettingError` for anything but one Parquet file."""
    head = b""
    if not path.is_dir():
        with readable(path), path.open("rb") as stream:
            head = stream.read(len(PARQUET_MAGIC))
    if head != PARQUET_MAGIC:
        raise SettingError(
            "collect.in_memory must go with one Parquet file, which can be read part by part",
            came=f"{path.name} is none",
            do="Write the table as Parquet, or leave collect.in_memory out to hold all of it",
        )
