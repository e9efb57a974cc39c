"""Reads a user's file into a raw table: delimited text or Parquet. Damage is an error, never a guess."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import polars as pl

from barograph.collect.raw import RawTable, by_rows, nameless
from barograph.collect.violation import shortened
from barograph.core.errors import DataError, StorageError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
PARQUET_MAGIC = b"PAR1"
SAVE_AS = "Save the table as CSV (UTF-8) or Parquet"
OTHER_KINDS = {b"PK\x03\x04": "a zip or Excel file", b"\x1f\x8b": "a gzip file", b"\x89HDF": "an HDF5 file"}


def read_file(path: Path, *, label: str = "") -> RawTable:
    """The table in a file, its kind told from the content; raises `DataError` where there is none.

    Text is UTF-8 (with or without a byte-order mark), one header line, fields separated by comma, semicolon
    or tab, quoted where needed. `label` is how messages call it; its name by default.
    """
    name = label or path.name
    content = _bytes(path)
    if not content.strip():
        raise DataError(
            f"{name} must hold a table", came="it is empty", do="Give a file with a header and rows"
        )
    if is_parquet(content[: len(PARQUET_MAGIC)], name):
        return _parquet(content, name)
    return delimited(_text(content, name), label=name)


def is_parquet(head: bytes, label: str) -> bool:
    """Whether a file that begins so is Parquet, otherwise text; raises `DataError` for what is neither."""
    for magic, kind in OTHER_KINDS.items():
        if head.startswith(magic):
            raise _not_a_table(label, f"it is {kind}")
    return head.startswith(PARQUET_MAGIC)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"{path} must be a readable file",
            came=error.strerror or type(error).__name__,
            do="Check the path and its permissions",
        ) from error


def _not_a_table(label: str, came: str, do: str = SAVE_AS) -> DataError:
    return DataError(f"{label} must be a table as text or Parquet", came=came, do=do)


def _parquet(content: bytes, label: str) -> RawTable:
    try:
        frame = pl.read_parquet(content)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise damaged_parquet(label, error) from error
    return by_rows(frame, label=label)


def damaged_parquet(label: str, error: BaseException) -> DataError:
    """The error for a Parquet file that polars cannot read."""
    reason = shortened(str(error).splitlines()[0] if str(error) else type(error).__name__, 120)
    return _not_a_table(label, f"its Parquet content is damaged ({reason})", "Write the file again")


def _text(content: bytes, label: str) -> str:
    if b"\x00" in content:
        line = content[: content.index(b"\x00")].count(b"\n") + 1
        raise _not_a_table(label, f"it holds binary zeros, the first in line {line}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        byte = content[error.start]
        raise DataError(
            f"{label} must be UTF-8 text", came=f"byte 0x{byte:02x} in line {line} is not", do=SAVE_AS
        ) from error


def delimited(content: str, *, label: str) -> RawTable:
    """The table in delimited text, every cell as text; lines are counted from 1, the header's."""
    return next(delimited_parts(io.StringIO(content, newline=""), label=label))


def delimited_parts(stream: TextIO, *, label: str, rows: int | None = None) -> Iterator[RawTable]:
    """Delimited text so many rows at a time, in the file's order; a table without rows is one empty part."""
    delimiter = _delimiter(stream, label)
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    records = _records(reader)
    try:
        header = next(records, None)
        if header is None:
            do = "Give a file with a header and rows"
            raise _not_a_table(label, "no line holds more than delimiters", do)
        named = _header(header[1], label)
        part = list(itertools.islice(records, rows))
        yield _part(named, part, delimiter, label)
        while rows is not None and (part := list(itertools.islice(records, rows))):
            yield _part(named, part, delimiter, label)
    except csv.Error as error:
        raise _not_a_table(label, f"line {reader.line_num} breaks the quoting ({error})") from error


def _part(named: list[str], records: list[tuple[int, list[str]]], delimiter: str, label: str) -> RawTable:
    _check_widths(records, len(named), label)
    cells = zip(*(fields for _, fields in records), strict=True) if records else ([] for _ in named)
    frame = pl.DataFrame(
        {name: pl.Series(name, column, dtype=pl.String) for name, column in zip(named, cells, strict=True)}
    )
    lines = pl.Series("row", [line for line, _ in records], dtype=pl.Int64)
    notes = () if delimiter == "," else (f"delimiter: {DELIMITERS[delimiter]}",)
    return RawTable(frame, lines, "line", label, notes)


def _delimiter(stream: TextIO, label: str) -> str:
    """The delimiter that splits the first line with text into most fields; the stream is wound back."""
    start = stream.tell()
    first = next((line for line in iter(stream.readline, "") if line.strip()), "").rstrip("\r\n")
    stream.seek(start)
    counts = {delimiter: first.count(delimiter) for delimiter in DELIMITERS}
    best = max(counts, key=lambda delimiter: counts[delimiter])
    if counts[best] == 0:
        raise _not_a_table(
            label,
            f"its first line has one column only: '{shortened(first)}'",
            "Give columns split by comma, semicolon or tab",
        )
    return best


def _records(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Every record that is not a blank line, with the line it starts in."""
    line = 1
    for fields in reader:
        if fields and (fields[0] or any(field.strip() for field in fields)):
            yield line, fields
        line = reader.line_num + 1  # type: ignore[attr-defined]  # the csv module's reader has it


def _header(fields: list[str], label: str) -> list[str]:
    """The columns' names; one without a name is called after its place, in brackets."""
    named = [field.strip() or nameless(place) for place, field in enumerate(fields, start=1)]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise DataError(
            f"{label} must name each column once", came=f"'{shortened(twice)}' comes twice", do="Rename one"
        )
    return named


def _check_widths(records: list[tuple[int, list[str]]], width: int, label: str) -> None:
    ragged = [(line, len(fields)) for line, fields in records if len(fields) != width]
    if ragged:
        line, fields = ragged[0]
        came = f"{len(ragged)} of {len(records)} differ, the first in line {line} with {fields}"
        do = "Quote cells that hold the delimiter, and complete cut-off rows"
        raise DataError(f"every row of {label} must have {width} fields like its header", came=came, do=do)
