"""Delimited text of a gigabyte: counted as it streams by, and known by rows spread over the whole."""

from __future__ import annotations

import csv
import io
import itertools
from pathlib import Path

import polars as pl

from barograph.collect.columns import plain
from barograph.collect.files import OTHER_KINDS, PARQUET_MAGIC, delimiter_of
from barograph.collect.raw import UNSAID, RawTable
from barograph.collect.text_rows import HEAD, header_of
from barograph.collect.violation import shortened
from barograph.core.errors import DataError
from barograph.core.section import FileSection

LARGE = 64 << 20
"""Bytes from which a text file is not held in memory to be looked at."""
UTF_8 = ("utf8", "utf8sig", "ascii", "usascii")
SAMPLE = 20_000
"""Rows that decide types."""


def is_large_text(source: str | Path) -> bool:
    """Whether a source is a file of text that is too large to be looked at whole."""
    path = Path(source).expanduser()
    if "://" in str(source) or not path.is_file() or path.stat().st_size < LARGE:
        return False
    with path.open("rb") as stream:
        head = stream.read(8)
    return not head.startswith((PARQUET_MAGIC, b"ARROW1", b"BZh", b"{", b"[", *OTHER_KINDS))


def sampled_text(path: Path, form: FileSection = UNSAID) -> tuple[RawTable, int, dict[str, float]]:
    """Rows spread evenly over a file, the number of all its rows, and each column's share of empty cells.

    Raises
    ------
    DataError
        It is not delimited text of one width, or not in UTF-8.
    """
    if form.encoding and plain(form.encoding).replace(" ", "") not in UTF_8:
        raise DataError(
            f"{path.name} must be text in UTF-8, as every file of {LARGE >> 20} MiB or more",
            came=f"collect.encoding is {form.encoding}",
            do=f"Convert it: iconv -f {form.encoding} -t utf-8 {path.name} > converted.csv",
        )
    delimiter, above = _layout(path, form)
    lazy = pl.scan_csv(path, separator=delimiter, infer_schema=False, skip_lines=above)
    try:
        names = lazy.collect_schema().names()
        empty = [(pl.col(name).is_null() | (pl.col(name).str.strip_chars() == "")).sum() for name in names]
        counts = lazy.select(pl.len().alias("\0rows"), *empty).collect(engine="streaming")
        rows = int(counts["\0rows"][0])
        step = max(1, rows // SAMPLE)
        indexed = lazy.with_row_index("\0row").filter(pl.col("\0row") % step == 0)
        frame = indexed.collect(engine="streaming")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise DataError(
            f"{path.name} must be a table as text",
            came=shortened(str(error).splitlines()[0] if str(error) else type(error).__name__, 160),
            do="Every row must have as many fields as the header; quote cells that hold the delimiter",
        ) from error
    numbers = frame["\0row"].cast(pl.Int64) + 2 + above  # the header is the line below
    share = {name: int(counts[name][0]) / max(rows, 1) for name in names}
    note = f"types told from {frame.height:,} of {rows:,} rows, spread evenly"
    header = (f"header: line {above + 1}",) if above and not form.header else ()
    return RawTable(frame.drop("\0row"), numbers, "line", path.name, (*header, note)), rows, share


def _layout(path: Path, form: FileSection) -> tuple[str, int]:
    """The delimiter, and how many lines stand above the header."""
    with path.open("r", encoding="utf-8-sig", errors="replace", newline="") as stream:
        head = stream.read(1 << 16)
    delimiter = delimiter_of(io.StringIO(head, newline=""), path.name, form)
    if form.header:
        return delimiter, form.header - 1
    whole = head.splitlines(keepends=True)[:-1]  # the last one may be cut
    reader, lines, rows, begins = csv.reader(whole, delimiter=delimiter), [], [], 0
    for fields in itertools.islice(reader, HEAD):
        if any(field.strip() for field in fields):
            lines.append(begins)
            rows.append(fields)
        begins = reader.line_num
    return delimiter, lines[header_of(rows, path.name)] if rows else 0
