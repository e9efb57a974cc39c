"""Answers written part by part: a file larger than memory, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from barograph.core.errors import StorageError


def write_parts(pieces: Iterator[pl.DataFrame], out: Path) -> int:
    """Write frames one after the other into one Parquet (by its ending) or CSV file.

    Parameters
    ----------
    pieces : iterator of polars.DataFrame
        All of the same columns; held one at a time.
    out : Path
        Replaced if it exists, and only once everything is written.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    StorageError
        The file cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".barograph-") as own:
            fresh = Path(own) / out.name
            rows = _parquet(pieces, fresh) if out.suffix == ".parquet" else _csv(pieces, fresh)
            os.replace(fresh, out)
    except OSError as error:
        raise StorageError(
            f"{out} must be writable and its disk must have room",
            came=f"the system said: {error.strerror or error}",
            do="Free space or name another file with --out",
        ) from error
    return rows


def _csv(pieces: Iterator[pl.DataFrame], path: Path) -> int:
    rows = 0
    with path.open("wb") as stream:
        for number, piece in enumerate(pieces):
            piece.write_csv(stream, include_header=number == 0)
            rows += piece.height
    return rows


def _parquet(pieces: Iterator[pl.DataFrame], path: Path) -> int:
    """Small files first, not compressed, then one: polars streams from many into one without holding them."""
    folder = path.with_name("parts")
    folder.mkdir()
    rows, files = 0, []
    for number, piece in enumerate(pieces):
        files.append(folder / f"{number:08d}.arrow")
        piece.write_ipc(files[-1])
        rows += piece.height
    try:
        pl.scan_ipc(files).sink_parquet(path)
    except pl.exceptions.PolarsError as error:  # a disk that fills is no OSError there
        raise OSError(str(error)) from error
    return rows
