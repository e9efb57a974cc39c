"""Tables in memory: polars, pandas and pyarrow, recognised by what they can do, never by importing them."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl

from barograph.collect.assembly import assemble
from barograph.collect.contract import Contract
from barograph.collect.mappings import frame_of
from barograph.collect.raw import RawTable, by_rows
from barograph.core.errors import DataError, SettingError
from barograph.core.records import Snapshot
from barograph.core.study import CollectSection

DEFAULT_ENTITY = "series"


def from_frame(
    frame: object,
    section: CollectSection,
    *,
    label: str = "frame",
    entity: str = DEFAULT_ENTITY,
    contract: Contract | None = None,
    today: datetime.date | None = None,
) -> Snapshot:
    """The snapshot of a table in memory; `section.source` is not looked at.

    polars needs nothing. Any other table that speaks the Arrow C stream protocol is taken; a pandas frame
    speaks it through pyarrow (the extra ``barograph[data]``), and its index is read like a column.

    Parameters
    ----------
    frame : RawTable, polars.DataFrame, pandas.DataFrame, pyarrow.Table or any Arrow stream
        In one of the layouts of `barograph.collect.layout`; a table already read keeps its own label, after
        which a series without a name is called.
    section : CollectSection
        Which series, which days, and which column is what.
    label : str
        How messages and the provenance call the table.
    entity : str
        The series' name where the table gives none.
    contract : Contract, optional
        What the table must keep; by default what `collect.quotes` says.
    today : datetime.date, optional
        The clock; the machine's by default.
    """
    if isinstance(frame, RawTable):
        raw, entity = frame, Path(frame.label).stem
    else:
        raw = by_rows(as_polars(frame), label=label)
    return assemble(raw, section, entity=entity, contract=contract, today=today or datetime.date.today())


def as_polars(frame: object) -> pl.DataFrame:
    """A table in memory as a polars frame (pandas: with its index; mappings: see `mappings.frame_of`)."""
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, list | tuple):
        return frame_of(frame, label="the list")
    must = "data must be a polars or pandas frame or an Arrow table"
    if isinstance(frame, pl.LazyFrame):
        raise DataError(must, came="got a polars LazyFrame", do="Collect it first: data.collect()")
    if not hasattr(frame, "__arrow_c_stream__"):
        came = f"got {type(frame).__name__}"
        raise DataError(must, came=came, do="Pass such a table, or the path of a CSV or Parquet file")
    try:
        return pl.from_dataframe(frame)
    except ImportError as error:
        raise SettingError(
            f"a {type(frame).__module__.split('.')[0]} frame must be read through pyarrow",
            came="pyarrow is not installed",
            do="Install barograph[data], or pass polars",
        ) from error
    except (pl.exceptions.PolarsError, TypeError, ValueError, NotImplementedError) as error:
        came = f"{type(frame).__name__} could not be read ({type(error).__name__})"
        raise DataError(must, came=came, do="Give every column one type of value") from error
