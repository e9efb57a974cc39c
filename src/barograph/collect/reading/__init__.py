"""One door to every table of a user's: files of many kinds, folders, databases, addresses on the web."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from barograph.collect.files import read_file
from barograph.collect.frames import as_polars
from barograph.collect.raw import UNSAID, RawTable, by_rows
from barograph.collect.reading.ecb import read_ecb
from barograph.collect.reading.folders import is_pattern, read_many
from barograph.collect.reading.fred import read_fred
from barograph.collect.reading.kinds import read_kind
from barograph.collect.reading.remote import read_remote
from barograph.collect.reading.sql import read_sql
from barograph.collect.reading.web import Web, from_environment
from barograph.core.address import Address, address_of
from barograph.core.errors import DataError, unknown
from barograph.core.section import FileSection

__all__ = [
    "Address",
    "Web",
    "address_of",
    "check_source",
    "is_table",
    "named_table",
    "read_table",
    "table_of",
]

DATABASES = ("sqlite", "duckdb", "postgresql", "mysql", "mariadb", "mssql", "oracle", "snowflake", "bigquery")

ENDINGS = (
    *(".csv", ".tsv", ".txt", ".parquet", ".pq", ".arrow", ".feather", ".ipc", ".xlsx", ".xls"),
    *(".json", ".jsonl", ".ndjson", ".gz", ".bz2", ".xz", ".zip", ".db", ".sqlite", ".duckdb"),
)
"""Endings by which a text is taken for a path that is not there, rather than for a misspelt key."""


def table_of(data: object, *, label: str = "frame", form: FileSection = UNSAID) -> RawTable:
    """The table that a caller hands in: a source (`read_table`), a frame (`as_polars`), or as read before."""
    if isinstance(data, RawTable):
        written = {**data.written, **form.written}
        return replace(data, written=written, decimal=form.decimal or data.decimal)
    if isinstance(data, str | Path):
        return read_table(data, form=form)
    raw = by_rows(as_polars(data), label=label)
    return replace(raw, written=form.written, decimal=form.decimal)


def named_table(source: str, packaged: Iterable[str], form: FileSection = UNSAID) -> RawTable:
    """The table a study names that is no packaged one; a word that is neither is refused.

    Raises
    ------
    DataError
        It looks like a path, but nothing is there; and what `read_table` raises.
    SettingError
        It looks like a key, but none is called so.
    """
    check_source(source, packaged)
    return read_table(source, form=form)


def check_source(source: str, packaged: Iterable[str]) -> None:
    """Refuse a source that names no table, without reading anything; raises as `named_table`."""
    if is_table(source):
        return
    path = Path(source).expanduser()
    if path.suffix.lower() in ENDINGS or len(path.parts) > 1:
        raise DataError(
            "collect.source must be a file, a folder, an address or a packaged key",
            came=f"{path} is not there",
            do=f"Check the path, or take a key: {', '.join(sorted(packaged))}",
        )
    raise unknown("collect.source", source, packaged)


def is_table(source: str | Path) -> bool:
    """Whether a text names a table to be read: an address, a pattern, or a path that is there."""
    text = str(source)
    if address_of(text) is not None or is_pattern(text):
        return True
    return Path(text).expanduser().exists()


def read_table(source: str | Path, *, web: Web | None = None, form: FileSection = UNSAID) -> RawTable:
    """The table that a source names.

    Parameters
    ----------
    source : str or Path
        - a file: delimited text, Parquet, Arrow/Feather, Excel, JSON lines, each also compressed
        - a folder, or a pattern such as ``loans/*.parquet``: all its files, one below the other
        - ``postgresql://…#loans``, ``sqlite:///bank.db#SELECT …``, ``duckdb:///bank.duckdb#loans``
        - ``fred://CPIAUCSL,UNRATE`` (key in FRED_API_KEY), ``ecb://EXR/D.USD.EUR.SP00.A``
        - ``https://…`` to a file of any kind above; ``s3://…`` and the like through the extra fsspec
    web : Web, optional
        How to fetch; from the environment by default (`from_environment`).
    form : FileSection
        What is known of a file: encoding, delimiter, header, how columns are written. The rest is found out.

    Raises
    ------
    DataError
        What is there is no table, or not in one layout.
    StorageError
        It cannot be reached or read.
    SettingError
        The address is not complete, or an extra is missing.
    """
    raw = _read(str(source), web, form)
    return replace(raw, written=form.written, decimal=form.decimal or raw.decimal)


def _read(text: str, web: Web | None, form: FileSection) -> RawTable:
    address = address_of(text)
    if address is None:
        path = Path(text).expanduser()
        if path.is_dir() or (is_pattern(text) and not path.exists()):
            return read_many(text, form)
        return read_kind(path, form=form) or read_file(path, form=form)
    if address.scheme.split("+")[0] in DATABASES:
        return read_sql(address)
    web = web or from_environment()
    readers = {"fred": read_fred, "ecb": read_ecb}
    if address.scheme in readers:
        return readers[address.scheme](address, web)
    if address.scheme in ("http", "https"):
        path, notes = web.fetch(address.text)
        name = address.name
        raw = read_kind(path, label=name, form=form) or read_file(path, label=name, form=form)
        return replace(raw, notes=(*raw.notes, *notes))
    if address.scheme == "file":
        raise DataError("a file must be named by its path", came=f"got '{text}'", do="Leave file:// out")
    return read_remote(address, form)
