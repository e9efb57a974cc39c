"""The identity of a series in levels and its two files: `level.parquet` and `level.json`."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict
from pathlib import Path

import polars as pl

from barograph.collect.snapshot import replace_file
from barograph.core.errors import StorageError
from barograph.core.level_table import LevelSeries, LevelSnapshot
from barograph.core.records import Provenance

LEVEL_FILE, LEVEL_WORDS = "level.parquet", "level.json"
FORMAT = 1


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
    series, stream = snapshot.series, io.BytesIO()
    series.table.write_parquet(stream, compression="zstd")
    described = {
        "format": FORMAT,
        "target": snapshot.target,
        "months": series.months,
        "delay": series.delay,
        "estimates": series.estimates,
        "exogenous": series.exogenous,
        "provenance": asdict(snapshot.provenance),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / LEVEL_FILE, stream.getvalue())
        replace_file(folder / LEVEL_WORDS, (json.dumps(described, indent=2, ensure_ascii=False)).encode())
    except OSError as error:
        raise StorageError(
            f"the series must be written to {folder}",
            came=error.strerror or type(error).__name__,
            do="Check the folder's permissions and the free space",
        ) from error


def load_level(folder: Path) -> LevelSnapshot:
    """The snapshot in a folder; raises `StorageError` where it is missing, damaged or changed."""
    try:
        plain = json.loads((folder / LEVEL_WORDS).read_bytes())
        table = pl.read_parquet((folder / LEVEL_FILE).read_bytes())
        roles = tuple(plain["estimates"]), tuple(plain["exogenous"])
        series = LevelSeries(table, int(plain["months"]), int(plain["delay"]), *roles)
        told = plain["provenance"]
        provenance = Provenance(**{**told, "notes": tuple(told["notes"])})
        whole = plain["format"] == FORMAT and level_hash(series) == provenance.content_hash
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise _unusable(folder, f"reading it failed ({type(error).__name__})") from error
    if not whole:
        raise _unusable(folder, "its rows are not those it was written with")
    return LevelSnapshot(series, provenance, str(plain["target"]))


def _unusable(folder: Path, came: str) -> StorageError:
    return StorageError(
        f"{folder} must hold a series that Barograph wrote", came=came, do="Collect the data again"
    )
