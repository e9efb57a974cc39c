"""A snapshot's identity and its two files: `panel.parquet` and `snapshot.json`."""

from __future__ import annotations

import hashlib
import io
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.core.errors import StorageError
from barograph.core.records import PRICE_COLUMNS, Panel, Provenance, Snapshot

PANEL_FILE = "panel.parquet"
SNAPSHOT_FILE = "snapshot.json"
FORMAT = 1


def panel_of(table: pl.DataFrame) -> Panel:
    """The panel of a typed long table: every price column, null where absent; sorted by entity and time."""
    absent = [pl.lit(None, dtype=pl.Float64).alias(c) for c in PRICE_COLUMNS if c not in table.columns]
    complete = table.with_columns(absent).select("entity", "time", *PRICE_COLUMNS)
    return Panel(complete.sort("entity", "time"))


def content_hash(table: pl.DataFrame) -> str:
    """SHA-256 over a panel's rows in order of entity and time, the same on every platform and polars version.

    Hashed are plain bytes: each column's name, then its values – names as UTF-8 with their lengths, days as
    little-endian int32 since 1970-01-01, floats as a validity byte per row and little-endian float64 (null
    as 0, minus zero as zero).
    """
    digest = hashlib.sha256(b"barograph panel 1\n")
    ordered = table.sort("entity", "time")
    for name in ("entity", "time", *PRICE_COLUMNS):
        digest.update(f"{name} {ordered.height}\n".encode())
        for part in _plain_bytes(ordered[name]):
            digest.update(part)
    return digest.hexdigest()


def _plain_bytes(series: pl.Series) -> list[bytes]:
    if series.dtype == pl.String:
        encoded = [value.encode() for value in series.to_list()]
        lengths = np.array([len(value) for value in encoded], dtype="<i4")
        return [lengths.tobytes(), b"".join(encoded)]
    if series.dtype == pl.Date:
        return [series.to_physical().to_numpy().astype("<i4").tobytes()]
    valid = series.is_not_null().to_numpy().astype("u1")
    values = series.fill_null(0.0).to_numpy().astype("<f8") + 0.0
    return [valid.tobytes(), values.tobytes()]


def snapshot_of(panel: Panel, *, source: str, licence: str, notes: tuple[str, ...] = ()) -> Snapshot:
    """A panel with its provenance: hash, rows and first and last day are computed here."""
    time = panel.table["time"]
    return Snapshot(
        panel,
        Provenance(
            source=source,
            licence=licence,
            content_hash=content_hash(panel.table),
            rows=panel.table.height,
            since=str(time.min()),
            until=str(time.max()),
            notes=notes,
        ),
    )


def save(snapshot: Snapshot, folder: Path) -> None:
    """Writes a snapshot into a folder, replacing one that is there; raises `StorageError` where it cannot.

    Each file is written under another name and renamed, the description last: a reader meets the old
    snapshot, the new one, or one that `load` recognises as torn.
    """
    stream = io.BytesIO()
    snapshot.panel.table.write_parquet(stream, compression="zstd")
    described = {"format": FORMAT, **asdict(snapshot.provenance)}
    words = json.dumps(described, ensure_ascii=False, indent=2) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / PANEL_FILE, stream.getvalue())
        replace_file(folder / SNAPSHOT_FILE, words.encode())
    except OSError as error:
        raise StorageError(
            f"the snapshot must be written to {folder}",
            came=error.strerror or type(error).__name__,
            do="Check the folder's permissions and the free space",
        ) from error


def replace_file(path: Path, content: bytes) -> None:
    """Writes beside the target and renames; leaves nothing behind where it fails."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def load(folder: Path) -> Snapshot:
    """The snapshot in a folder; raises `StorageError` where it is missing, damaged or changed."""
    try:
        described = json.loads((folder / SNAPSHOT_FILE).read_bytes())
        table = pl.read_parquet((folder / PANEL_FILE).read_bytes())
        provenance = _provenance(described)
        actual = content_hash(table)
    except OSError as error:
        raise _unusable(folder, error.strerror or type(error).__name__) from error
    except (ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        raise _unusable(folder, f"its files are damaged ({type(error).__name__})") from error
    except pl.exceptions.PanicException as error:
        raise _unusable(folder, "its Parquet file is damaged") from error
    if actual != provenance.content_hash:
        raise _unusable(folder, "its rows are not those it was written with")
    return Snapshot(Panel(table), provenance)


def _provenance(described: dict[str, Any]) -> Provenance:
    """The provenance from its plain form; raises where a key is missing or the format is not ours."""
    told = dict(described)
    if told.pop("format") != FORMAT:
        raise ValueError(described["format"])
    return Provenance.of_plain(told)


def _unusable(folder: Path, came: str) -> StorageError:
    return StorageError(
        f"{folder} must hold a snapshot that Barograph wrote", came=came, do="Collect the data again"
    )
