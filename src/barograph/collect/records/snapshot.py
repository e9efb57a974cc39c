"""The identity of records and their two files: `records.parquet` and `records.json`."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.snapshot import replace_file
from barograph.core.arrays import DateArray, FloatArray
from barograph.core.errors import StorageError
from barograph.core.record_table import Records, RecordSchema, RecordSnapshot
from barograph.core.records import Provenance

RECORDS_FILE = "records.parquet"
RECORDS_WORDS = "records.json"
FORMAT = 2
DAYS = ("time", "label_time", "event_time")
SECONDS = ":seconds"
"""Ends the name of a moment that is known to the second."""
WHOLE = ("vintage", "group")
REAL = ("label", "outcome", "amount")
WEIGHT = "of:weight"


def records_hash(records: Records) -> str:
    """SHA-256 over the records in their order, the same on every platform and polars version.

    Hashed are plain bytes: each column's name and length, then its values – text as UTF-8 with a validity
    byte per row and little-endian int32 lengths, everything else as a validity byte per row and little-endian
    float64 (days, in a stream seconds, counted since 1970-01-01; missing as 0).
    """
    digest = hashlib.sha256(b"barograph records 1\n")
    for series in _flat(records):
        digest.update(f"{series.name} {len(series)}\n".encode())
        digest.update(series.is_not_null().to_numpy().astype("u1").tobytes())
        if series.dtype == pl.String:
            filled = series.fill_null("")
            digest.update(filled.str.len_bytes().to_numpy().astype("<i4").tobytes())
            digest.update("".join(filled.to_list()).encode())
        else:
            digest.update((series.cast(pl.Float64).fill_null(0.0).to_numpy() + 0.0).astype("<f8").tobytes())
    return digest.hexdigest()


def save_records(snapshot: RecordSnapshot, folder: Path) -> None:
    """Writes a snapshot of records into a folder, replacing one that is there.

    The description is written last: a reader meets the old snapshot, the new one, or one that
    `load_records` recognises as torn. Raises `StorageError` where it cannot write.
    """
    stream = io.BytesIO()
    pl.DataFrame(list(_flat(snapshot.records))).write_parquet(stream, compression="zstd")
    described = {
        "format": FORMAT,
        "provenance": asdict(snapshot.provenance),
        "schema": asdict(snapshot.schema),
        "notes": snapshot.notes,
        "numeric": snapshot.records.numeric,
        "categorical": snapshot.records.categorical,
        "channels": snapshot.records.channels,
        "steps": snapshot.records.sequence.shape[1],
        "protected": list(snapshot.records.protected),
        "terms": list(snapshot.records.terms),
    }
    words = json.dumps(described, ensure_ascii=False, indent=2) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / RECORDS_FILE, stream.getvalue())
        replace_file(folder / RECORDS_WORDS, words.encode())
    except OSError as error:
        raise StorageError(
            f"the records must be written to {folder}",
            came=error.strerror or type(error).__name__,
            do="Check the folder's permissions and the free space",
        ) from error


def load_records(folder: Path) -> RecordSnapshot:
    """The snapshot of records in a folder; raises `StorageError` where it is missing, damaged or changed."""
    try:
        described = json.loads((folder / RECORDS_WORDS).read_bytes())
        if described["format"] != FORMAT:
            raise ValueError(described["format"])
        records = _records(pl.read_parquet((folder / RECORDS_FILE).read_bytes()), described)
        provenance = Provenance.of_plain(described["provenance"])
        schema = RecordSchema(**_tupled(described["schema"]))
        notes = tuple(str(note) for note in described["notes"])
        actual = records_hash(records)
    except OSError as error:
        raise _unusable(folder, error.strerror or type(error).__name__) from error
    except (ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        raise _unusable(folder, f"its files are damaged ({type(error).__name__})") from error
    except pl.exceptions.PanicException as error:
        raise _unusable(folder, "its Parquet file is damaged") from error
    if actual != provenance.content_hash:
        raise _unusable(folder, "its rows are not those it was written with")
    return RecordSnapshot(records, provenance, schema, notes)


def _flat(records: Records) -> Iterator[pl.Series]:
    """Every column and array as a named series: null where missing, days or seconds as whole numbers."""
    yield pl.Series("of:record_id", records.record_id.tolist(), dtype=pl.String)
    for name in DAYS:
        moments, suffix = getattr(records, name), ""
        if np.datetime_data(moments.dtype)[0] != "D":
            moments, suffix = moments.astype("datetime64[s]"), SECONDS
        known = pl.Series(np.isnat(moments))
        yield pl.Series(f"of:{name}{suffix}", moments.astype(np.int64)).set(known, None)
    for name in WHOLE:
        yield pl.Series(f"of:{name}", getattr(records, name).astype(np.int64))
    for name in REAL:
        yield _real(f"of:{name}", getattr(records, name))
    if records.weight is not None:
        yield _real(WEIGHT, records.weight)
    for name in records.columns:
        yield records.table[name].alias(f"feature:{name}")
    for step in range(records.sequence.shape[1]):
        for place, channel in enumerate(records.channels):
            yield _real(f"sequence:{step}:{channel}", records.sequence[:, step, place])
    for name, values in records.protected.items():
        yield pl.Series(f"protected:{name}", values.tolist(), dtype=pl.String)
    for name, terms in records.terms.items():
        yield _real(f"term:{name}", terms)


def _real(name: str, values: FloatArray) -> pl.Series:
    return pl.Series(name, np.ascontiguousarray(values, dtype=np.float64)).fill_nan(None)


def _records(table: pl.DataFrame, described: dict[str, Any]) -> Records:
    """The inverse of `_flat`."""
    n, steps, channels = table.height, int(described["steps"]), tuple(described["channels"])
    numeric, categorical = tuple(described["numeric"]), tuple(described["categorical"])
    sequence = np.full((n, steps, len(channels)), np.nan)
    for step in range(steps):
        for place, channel in enumerate(channels):
            sequence[:, step, place] = _floats(table[f"sequence:{step}:{channel}"])
    core: dict[str, Any] = {}
    for name in DAYS:
        core[name] = _moments(table, f"of:{name}")
    core |= {name: table[f"of:{name}"].to_numpy().astype(np.int64) for name in WHOLE}
    core |= {name: _floats(table[f"of:{name}"]) for name in REAL}
    features = [table[f"feature:{name}"].alias(name) for name in (*numeric, *categorical)]
    return Records(
        table=pl.DataFrame(features),
        numeric=numeric,
        categorical=categorical,
        record_id=np.array(table["of:record_id"].to_list(), dtype=object),
        sequence=sequence,
        channels=channels,
        protected={
            name: np.array(table[f"protected:{name}"].to_list(), dtype=object)
            for name in described["protected"]
        },
        terms={name: _floats(table[f"term:{name}"]) for name in described["terms"]},
        weight=_floats(table[WEIGHT]) if WEIGHT in table.columns else None,
        **core,
    )


def _moments(table: pl.DataFrame, name: str) -> DateArray:
    unit = "D" if name in table.columns else "s"
    found = table[name if unit == "D" else f"{name}{SECONDS}"]
    counted = found.fill_null(0).to_numpy().astype(f"datetime64[{unit}]")
    counted[found.is_null().to_numpy()] = np.datetime64("NaT")
    return counted


def _floats(series: pl.Series) -> FloatArray:
    return series.cast(pl.Float64).fill_null(np.nan).to_numpy().copy()


def _tupled(plain: dict[str, Any]) -> dict[str, Any]:
    """JSON's lists as the tuples they were."""
    return {key: _as_tuple(value) for key, value in plain.items()}


def _as_tuple(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return _tupled(value) if isinstance(value, dict) else value


def _unusable(folder: Path, came: str) -> StorageError:
    return StorageError(
        f"{folder} must hold records that Barograph wrote", came=came, do="Collect the data again"
    )
