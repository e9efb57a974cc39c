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


def parquet_rows(path: Path) -> int:
    """The number of rows of a Parquet file, as its footer says it."""
    try:
        return int(pl.scan_parquet(path).select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise damaged_parquet(path.name, error) from error


def parquet_parts(
    path: Path, columns: Sequence[str], *, rows: int, first: int = 0, end: int | None = None
) -> Iterator[RawTable]:
    """Some columns of a Parquet file, rows from `first` to `end`; polars skips row groups outside."""
    scan, begin = pl.scan_parquet(path).select(columns), first
    while True:
        wanted = rows if end is None else min(rows, end - begin)
        try:
            frame = scan.slice(begin, wanted).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise damaged_parquet(path.name, error) from error
        if frame.height or begin == first:
            numbers = pl.arange(begin + 1, begin + frame.height + 1, dtype=pl.Int64, eager=True)
            yield RawTable(frame, numbers.alias("row"), "row", path.name)
        begin += rows
        if frame.height < rows or begin == end:
            return


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
