"""The identity of a series in levels and its two files: `level.parquet` and `level.json`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import polars as pl

from barograph.collect.described import read_described, unusable, write_described
from barograph.core.level_table import LevelSeries, LevelSnapshot
from barograph.core.records import Provenance

FILES = ("level.parquet", "level.json")
WHAT = "a series"


def level_hash(series: LevelSeries) -> str:
    """SHA-256 over the columns in order: name and length, then validity and little-endian values (float64,
    days since 1970-01-01 for time; missing as 0), the same on every platform."""
    digest = hashlib.sha256(f"barograph level 1 {series.months} {series.delay}\n".encode())
    for name in series.columns:
        column = series.table[name]
        digest.update(f"{name} {len(column)}\n".encode())
        digest.update(column.is_not_null().to_numpy().astype("u1").tobytes())
        plain = column.to_physical() if column.dtype == pl.Date else column
        digest.update((plain.cast(pl.Float64).fill_null(0.0).to_numpy() + 0.0).astype("<f8").tobytes())
    return digest.hexdigest()


def provenance_of(
    series: LevelSeries, *, source: str, licence: str, notes: tuple[str, ...] = ()
) -> Provenance:
    """Where a series came from, with its hash, rows and first and last day."""
    time = series.table["time"]
    return Provenance(
        source, licence, level_hash(series), series.table.height, str(time.min()), str(time.max()), notes
    )


def save_level(snapshot: LevelSnapshot, folder: Path) -> None:
    """Writes a snapshot into a folder, replacing one that is there, the description last."""
    series = snapshot.series
    words = {
        "target": snapshot.target,
        "months": series.months,
        "delay": series.delay,
        "estimates": series.estimates,
        "exogenous": series.exogenous,
    }
    write_described(folder, FILES, series.table, words, snapshot.provenance, what=WHAT)


def load_level(folder: Path) -> LevelSnapshot:
    """The snapshot in a folder; raises `StorageError` where it is missing, damaged or changed."""

    def made(table: pl.DataFrame, words: dict[str, Any], told: Provenance) -> LevelSnapshot:
        roles = tuple(words["estimates"]), tuple(words["exogenous"])
        series = LevelSeries(table, int(words["months"]), int(words["delay"]), *roles)
        return LevelSnapshot(series, told, str(words["target"]))

    snapshot = read_described(folder, FILES, made, what=WHAT)
    try:
        whole = level_hash(snapshot.series) == snapshot.provenance.content_hash
    except pl.exceptions.PolarsError as error:
        raise unusable(folder, f"reading it failed ({type(error).__name__})", what=WHAT) from error
    if not whole:
        raise unusable(folder, "its rows are not those it was written with", what=WHAT)
    return snapshot
