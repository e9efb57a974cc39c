"""Files part by part: Parquet and delimited text of any size, so many rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from barograph.collect.encoding import SAMPLE, SAVE_AS, encoding_of
from barograph.collect.files import damaged_parquet, delimited_parts
from barograph.collect.raw import UNSAID, RawTable
from barograph.core.errors import DataError
from barograph.core.section import FileSection


def parquet_columns(path: Path) -> list[str]:
    """The columns of a Parquet file."""
    try:
        return pl.scan_parquet(path).collect_schema().names()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise damaged_parquet(path.name, error) from error


def parquet_parts(path: Path, columns: Sequence[str], *, rows: int) -> Iterator[RawTable]:
    """Some columns of a Parquet file; polars skips the row groups outside a part."""
    scan, first = pl.scan_parquet(path).select(columns), 0
    while True:
        try:
            frame = scan.slice(first, rows).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise damaged_parquet(path.name, error) from error
        if frame.height or not first:
            numbers = pl.arange(first + 1, first + frame.height + 1, dtype=pl.Int64, eager=True)
            yield RawTable(frame, numbers.alias("row"), "row", path.name)
        if frame.height < rows:
            return
        first += rows


def text_parts(path: Path, *, rows: int, form: FileSection = UNSAID) -> Iterator[RawTable]:
    """A file of delimited text; its encoding is told from its beginning where `form` does not say it."""
    with path.open("rb") as content:
        encoding = encoding_of(content.read(SAMPLE), path.name, form.encoding)
    with path.open(encoding=encoding, newline="") as stream:
        try:
            yield from delimited_parts(stream, label=path.name, rows=rows, form=form)
        except UnicodeDecodeError as error:
            came = f"byte 0x{error.object[error.start]:02x} is not"
            raise DataError(f"{path.name} must be {encoding} text", came=came, do=SAVE_AS) from error
