"""Files that are neither delimited text nor Parquet: told by their content, not by their name."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Protocol

import polars as pl

from barograph.collect.files import read_file
from barograph.collect.raw import UNSAID, RawTable, by_rows
from barograph.collect.reading.excel import damaged, read_excel
from barograph.core.errors import DataError
from barograph.core.readable import readable
from barograph.core.section import FileSection

Stream = IO[bytes] | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile

ARROW_FILE = b"ARROW1"
ARROW_STREAM = b"\xff\xff\xff\xff"
ZIP = b"PK\x03\x04"
PACKED: dict[bytes, Callable[[Path], Stream]] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
ZSTANDARD = b"\x28\xb5\x2f\xfd"
CHUNK = 1 << 20
MOST_UNPACKED = 8 << 30
"""Bytes that a compressed file may grow to: a small archive must not fill the disk."""


class Readable(Protocol):
    """Whatever gives bytes."""

    def read(self, size: int, /) -> bytes:
        """So many bytes at most; none at the end."""
        ...


def read_kind(path: Path, *, label: str = "", form: FileSection = UNSAID) -> RawTable | None:
    """The table of an Arrow, Excel, JSON-lines or compressed file; None where it is text or Parquet.

    Parameters
    ----------
    path : Path
        A file.
    label : str
        How messages call it; its name by default.
    form : FileSection
        What is known of it.
    """
    name = label or path.name
    head = _head(path)
    if head.startswith((ARROW_FILE, ARROW_STREAM)):
        return by_rows(_arrow(path, name, stream=head.startswith(ARROW_STREAM)), label=name)
    if head.startswith(OLD_EXCEL):
        raise DataError(
            f"{name} must be a table", came="it is an Excel file of before 2007", do="Save it as .xlsx"
        )
    if head.startswith(ZSTANDARD):
        raise DataError(
            f"{name} must be compressed as gzip, bzip2, xz or zip",
            came="it is Zstandard",
            do="Unpack it first",
        )
    if head.startswith(ZIP):
        return _zipped(path, name, form)
    for magic, opened in PACKED.items():
        if head.startswith(magic):
            return _unpacked(partial(opened, path), name, form)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return by_rows(_json(path, name), label=name)
    return None


def _head(path: Path) -> bytes:
    with readable(path), path.open("rb") as stream:
        return stream.read(64)


def _arrow(path: Path, name: str, *, stream: bool) -> pl.DataFrame:
    try:
        return pl.read_ipc_stream(path) if stream else pl.read_ipc(path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise damaged(name, "Arrow", error) from error


def _json(path: Path, name: str) -> pl.DataFrame:
    """JSON lines, or one list of objects."""
    try:
        with path.open("rb") as stream:
            listed = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
        if listed:
            return pl.read_json(path, infer_schema_length=None)
        return pl.read_ndjson(path, infer_schema_length=None)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise damaged(name, "JSON", error) from error


def _zipped(path: Path, name: str, form: FileSection) -> RawTable:
    """An Excel workbook, or an archive that holds one file."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [
                one for one in archive.namelist() if not one.endswith("/") and not one.startswith("__MACOSX")
            ]
            if "xl/workbook.xml" in inside:
                return read_excel(path, name, form)
            if len(inside) != 1:
                raise DataError(
                    f"{name} must hold one file", came=f"it holds {len(inside)}", do="Unpack it and name one"
                )
            return _unpacked(lambda: archive.open(inside[0]), name, form)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise damaged(name, "zip", error) from error


def _unpacked(opened: Callable[[], Stream], name: str, form: FileSection) -> RawTable:
    """What a compressed file holds, unpacked beside the system's temporary files and read from there."""
    inner = name.rsplit(".", 1)[0] if "." in name else name
    with tempfile.TemporaryDirectory(prefix="barograph-") as folder:
        target = Path(folder) / (Path(inner).name or "table")
        try:
            with opened() as stream, target.open("wb") as out:
                _copied(stream, out, name)
        except (OSError, EOFError, lzma.LZMAError, zipfile.BadZipFile) as error:
            raise damaged(name, "compressed", error) from error
        if any(_head(target).startswith(magic) for magic in (*PACKED, ZIP)) and not _is_excel(target):
            raise DataError(
                f"{name} must be compressed once", came="it holds another archive", do="Unpack it"
            )
        return read_kind(target, label=name, form=form) or read_file(target, label=name, form=form)


def _is_excel(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def _copied(stream: Readable, out: io.BufferedWriter, name: str) -> None:
    total = 0
    while chunk := stream.read(CHUNK):
        total += len(chunk)
        if total > MOST_UNPACKED:
            raise DataError(
                f"{name} must unpack to at most {MOST_UNPACKED >> 30} GiB", came="it is larger", do="Split it"
            )
        out.write(chunk)
