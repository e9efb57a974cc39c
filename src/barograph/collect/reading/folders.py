"""Many files as one table: a folder, or a pattern with ``*``."""

from __future__ import annotations

import glob
from dataclasses import replace
from pathlib import Path

import polars as pl

from barograph.collect.files import read_file
from barograph.collect.raw import UNSAID, RawTable, by_rows
from barograph.collect.reading.kinds import read_kind
from barograph.collect.violation import shortened
from barograph.core.errors import DataError
from barograph.core.section import FileSection

HIDDEN = (".", "_")


def is_pattern(source: str) -> bool:
    """Whether a text is a pattern for several files."""
    return any(sign in source for sign in "*?[")


def read_many(source: str, form: FileSection = UNSAID) -> RawTable:
    """The tables of a folder's files, or of all that match a pattern, in the order of their names.

    Files that begin with a dot or an underscore are passed over, as other tools leave their marks there. All
    must have the same columns; a column of one type here and another there is read as text.
    """
    paths = _paths(source)
    tables = [read_kind(path, form=form) or read_file(path, form=form) for path in paths]
    first = tables[0]
    for path, raw in zip(paths, tables, strict=True):
        if set(raw.frame.columns) != set(first.frame.columns):
            odd = sorted(set(raw.frame.columns) ^ set(first.frame.columns))
            raise DataError(
                f"all files of {source} must have the same columns",
                came=f"{path.name} and {paths[0].name} differ in '{shortened(odd[0])}'",
                do="Name one kind of file, such as folder/*.csv",
            )
    frames = _alike([raw.frame.select(first.frame.columns) for raw in tables])
    whole = by_rows(pl.concat(frames), label=source, notes=(*first.notes, f"{len(paths)} files"))
    assumed = [one for one in first.assumed if all(one in raw.assumed for raw in tables)]
    return replace(whole, assumed=tuple(assumed))


def _paths(source: str) -> list[Path]:
    folder = Path(source).expanduser()
    if folder.is_dir():
        found = [path for path in folder.iterdir() if path.is_file()]
    else:
        found = [Path(name) for name in glob.glob(str(folder), recursive=True) if Path(name).is_file()]
    found = sorted(path for path in found if not path.name.startswith(HIDDEN))
    if not found:
        raise DataError(f"{source} must hold files", came="there is none", do="Check the folder or pattern")
    return found


def _alike(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """The frames with one type per column."""
    casts: dict[str, pl.DataType] = {}
    for name in frames[0].columns:
        types = {frame[name].dtype for frame in frames} - {pl.Null()}
        if len(types) > 1:
            casts[name] = pl.Float64() if all(one.is_numeric() for one in types) else pl.String()
        elif types:
            casts[name] = types.pop()
    return [frame.cast(pl.Schema({**frame.schema, **casts})) for frame in frames]
