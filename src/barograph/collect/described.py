"""A table beside its description: two files of a folder, written together and read back with care."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from barograph.collect.snapshot import replace_file
from barograph.core.errors import StorageError
from barograph.core.records import Provenance

FORMAT = 1
Kind = TypeVar("Kind")


def write_described(
    folder: Path,
    files: tuple[str, str],
    table: pl.DataFrame,
    words: Mapping[str, Any],
    provenance: Provenance,
    *,
    what: str,
) -> None:
    """Write a table (Parquet) and its words (JSON) into a folder, replacing what is there, the words last."""
    stream = io.BytesIO()
    table.write_parquet(stream, compression="zstd")
    described = {"format": FORMAT, **words, "provenance": asdict(provenance)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / files[0], stream.getvalue())
        replace_file(folder / files[1], json.dumps(described, indent=2, ensure_ascii=False).encode())
    except OSError as error:
        raise StorageError(
            f"{what} must be written to {folder}",
            came=error.strerror or type(error).__name__,
            do="Check the folder's permissions and the free space",
        ) from error


def read_described(
    folder: Path,
    files: tuple[str, str],
    made: Callable[[pl.DataFrame, dict[str, Any], Provenance], Kind],
    *,
    what: str,
) -> Kind:
    """What `made` makes of table, words and provenance; `StorageError` where they are missing or damaged."""
    try:
        plain = json.loads((folder / files[1]).read_bytes())
        table = pl.read_parquet((folder / files[0]).read_bytes())
        provenance = Provenance.of_plain(plain["provenance"])
        if plain["format"] != FORMAT:
            raise ValueError(plain["format"])
        return made(table, plain, provenance)
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise unusable(folder, f"reading it failed ({type(error).__name__})", what=what) from error


def unusable(folder: Path, came: str, *, what: str) -> StorageError:
    """The error for a folder that does not hold what was written."""
    return StorageError(
        f"{folder} must hold {what} that Barograph wrote", came=came, do="Collect the data again"
    )
