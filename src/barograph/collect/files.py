"""Reads a user's file into a raw table: delimited text or Parquet. Damage is an error, never a guess."""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import mode
from typing import TextIO

import polars as pl

from barograph.collect.decimals import decimals_of
from barograph.collect.encoding import SAVE_AS, decoded
from barograph.collect.raw import UNSAID, RawTable, by_rows, nameless
from barograph.collect.text_rows import HEAD, header_of, rows_below
from barograph.collect.violation import shortened
from barograph.core.errors import DataError, SettingError
from barograph.core.readable import readable
from barograph.core.records import Assumed
from barograph.core.section import FileSection

DELIMITERS = {";": "semicolon", "\t": "tab", "|": "pipe", ",": "comma"}
"""Delimiters that are found out, and what they are called; the first of two that fit alike is taken."""
NAMED = {name: sign for sign, name in DELIMITERS.items()} | {"space": " ", "colon": ":"}
PARQUET_MAGIC = b"PAR1"
OTHER_KINDS = {b"PK\x03\x04": "a zip or Excel file", b"\x1f\x8b": "a gzip file", b"\x89HDF": "an HDF5 file"}
MOST_COLUMNS = 20_000
SAMPLE = 1 << 16
"""Characters in which the delimiter is looked for."""


def read_file(path: Path, *, label: str = "", form: FileSection = UNSAID) -> RawTable:
    """The table in a file, its kind told from the content; raises `DataError` where there is none.

    Text is of any encoding and delimiter that `form` says or that can be told, quoted where needed; titles
    above the header and totals below the rows are left out and said. `label` is how messages call it; its
    name by default.
    """
    name = label or path.name
    content = _bytes(path)
    if not content.strip():
        raise DataError(
            f"{name} must hold a table", came="it is empty", do="Give a file with a header and rows"
        )
    if is_parquet(content[: len(PARQUET_MAGIC)], name):
        return _parquet(content, name)
    read = decoded(content, name, form.encoding)
    raw = delimited(read.text, label=name, form=form)
    if read.told:
        return raw
    said = Assumed("encoding", read.encoding, setting="collect.encoding")
    return replace(raw, notes=(f"encoding: {read.encoding}", *raw.notes), assumed=(said, *raw.assumed))


def is_parquet(head: bytes, label: str) -> bool:
    """Whether a file that begins so is Parquet, otherwise text; raises `DataError` for what is neither."""
    for magic, kind in OTHER_KINDS.items():
        if head.startswith(magic):
            raise _not_a_table(label, f"it is {kind}")
    return head.startswith(PARQUET_MAGIC)


def _bytes(path: Path) -> bytes:
    with readable(path):
        return path.read_bytes()


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


def delimited(content: str, *, label: str, form: FileSection = UNSAID) -> RawTable:
    """The table in delimited text, every cell as text; lines are counted from 1."""
    return next(delimited_parts(io.StringIO(content, newline=""), label=label, form=form))


def delimited_parts(
    stream: TextIO, *, label: str, rows: int | None = None, form: FileSection = UNSAID
) -> Iterator[RawTable]:
    """Delimited text so many rows at a time, in the file's order; a table without rows is one empty part.

    Rows at the end that are no data are told only where the whole is one part.
    """
    delimiter = delimiter_of(stream, label, form)
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    records = _records(reader)
    try:
        first = list(itertools.islice(records, HEAD))
        if not first:
            do = "Give a file with a header and rows"
            raise _not_a_table(label, "no line holds more than delimiters", do)
        place = _header_place(first, label, form)
        line, fields = first[place]
        named, records = _header(fields, label), itertools.chain(first[place + 1 :], records)
        part = list(itertools.islice(records, rows))
        below = 0 if rows is not None else _below(part, len(named), form)
        raw = _part(named, part[: len(part) - below], delimiter, label)
        yield _told(raw, line if place and not form.header else 0, below if form.footer < 0 else 0, form)
        while rows is not None and (part := list(itertools.islice(records, rows))):
            yield _part(named, part, delimiter, label)
    except csv.Error as error:
        raise _not_a_table(label, f"line {reader.line_num} breaks the quoting ({error})") from error


def _header_place(first: list[tuple[int, list[str]]], label: str, form: FileSection) -> int:
    if not form.header:
        return header_of([fields for _, fields in first], label)
    found = next((place for place, (line, _) in enumerate(first) if line == form.header), None)
    if found is None:
        raise SettingError(
            f"collect.header must name a line of {label} that holds the columns' names",
            came=f"line {form.header} is blank, or not among the first {HEAD}",
            do=f"Give its number, such as --set collect.header={first[0][0]}",
        )
    return found


def _below(part: list[tuple[int, list[str]]], width: int, form: FileSection) -> int:
    if form.footer >= 0:
        return min(form.footer, len(part))
    return rows_below([fields for _, fields in part], width)


def _told(raw: RawTable, header: int, below: int, form: FileSection) -> RawTable:
    """The table with what was assumed about its delimiter, header and end."""
    assumed, notes = list(raw.assumed), list(raw.notes)
    if form.delimiter:
        assumed, notes = [], []
    if header:
        assumed.append(Assumed("header", str(header), setting="collect.header"))
        notes.append(f"header: line {header}")
    if below:
        assumed.append(Assumed("footer", str(below), setting="collect.footer"))
        notes.append(f"rows at the end that are no data, left out: {below}")
    return replace(raw, notes=tuple(notes), assumed=tuple(assumed))


def _part(named: list[str], records: list[tuple[int, list[str]]], delimiter: str, label: str) -> RawTable:
    _check_widths(records, len(named), label)
    again = next((line for line, fields in records if fields == named), None)
    if again is not None:
        raise DataError(
            f"{label} must name its columns once",
            came=f"line {again} repeats the header: files were put one behind the other",
            do="Remove that line",
        )
    cells = zip(*(fields for _, fields in records), strict=True) if records else ([] for _ in named)
    frame = pl.DataFrame(
        {name: pl.Series(name, column, dtype=pl.String) for name, column in zip(named, cells, strict=True)}
    )
    lines = pl.Series("row", [line for line, _ in records], dtype=pl.Int64)
    decimal = decimals_of(frame, delimiter)
    if delimiter == ",":
        return RawTable(frame, lines, "line", label, decimal=decimal)
    called = DELIMITERS.get(delimiter, delimiter)
    said = Assumed("delimiter", called, setting="collect.delimiter")
    return RawTable(frame, lines, "line", label, (f"delimiter: {called}",), (said,), decimal)


def delimiter_of(stream: TextIO, label: str, form: FileSection) -> str:
    """The delimiter that is said, or else the one that parts most rows alike; the stream is wound back."""
    if form.delimiter:
        sign = NAMED.get(form.delimiter.lower(), form.delimiter.replace("\\t", "\t"))
        if len(sign) != 1 or sign in '"\r\n':
            raise SettingError(
                "--delimiter must be one character, or comma, semicolon, tab, pipe, space, colon",
                came=f"got '{form.delimiter}'",
                do="Write it like --delimiter ';'",
            )
        return sign
    start = stream.tell()
    sample = stream.read(SAMPLE)
    stream.seek(start)
    shares = {delimiter: _share(sample, delimiter) for delimiter in DELIMITERS}
    best = max(shares, key=lambda delimiter: shares[delimiter])
    if shares[best] > (0.0, 0):
        return best
    first = next((line for line in sample.splitlines() if line.strip()), "")
    counts = {delimiter: first.count(delimiter) for delimiter in DELIMITERS}
    best = max(counts, key=lambda delimiter: counts[delimiter])
    if counts[best] == 0:
        raise _not_a_table(
            label,
            f"its first line has one column only: '{shortened(first)}'",
            "Give columns split by comma, semicolon, tab or pipe, or say what splits them: --delimiter ':'",
        )
    return best


def _share(sample: str, delimiter: str) -> tuple[float, int]:
    """Share of the first rows that a delimiter parts into the usual number of fields, and that number."""
    lines = sample.splitlines(keepends=True)
    whole = lines[:-1] if len(sample) == SAMPLE and len(lines) > 1 else lines
    try:
        widths = [len(row) for row in itertools.islice(csv.reader(whole, delimiter=delimiter), HEAD) if row]
    except csv.Error:
        return 0.0, 0
    width = mode(widths) if widths else 0
    return (widths.count(width) / len(widths), width) if width > 1 else (0.0, 0)


def _records(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Every record that is not a blank line, with the line it starts in."""
    line = 1
    for fields in reader:
        if fields and (fields[0].strip() or any(field.strip() for field in fields)):
            yield line, fields
        line = reader.line_num + 1  # type: ignore[attr-defined]  # the csv module's reader has it


def _header(fields: list[str], label: str) -> list[str]:
    """The columns' names; one without a name is called after its place, in brackets."""
    if len(fields) > MOST_COLUMNS:
        raise DataError(
            f"{label} must have at most {MOST_COLUMNS:,} columns",
            came=f"its first line has {len(fields):,}",
            do="Give a row for each case or day, or choose columns first",
        )
    named = [field.strip() or nameless(place) for place, field in enumerate(fields, start=1)]
    twice = next((name for name, times in Counter(named).items() if times > 1), None)
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
