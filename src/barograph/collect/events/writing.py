"""Events as one Parquet table that any program reads, and back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.events.snapshot import text_series
from barograph.core.arrays import IntArray
from barograph.core.errors import DataError, StorageError
from barograph.core.event_table import Events, TimeArray
from barograph.core.record_table import TextArray

ROW_GROUP = 1 << 18
"""Rows that are encoded at a time."""
INSTANT = pl.Datetime("us", "UTC")
COLUMNS = ("event_id", "time", "actor", "counterparty", "amount", "label", "label_time")
"""Columns of the table; `pattern` follows where a simulator planted one, then the events' further columns."""


def to_parquet(events: Events, path: Path) -> None:
    """Writes events to a Parquet file, replacing one that is there.

    Actor and counterparty are written as names (as a dictionary that keeps names without an event, too),
    instants with the zone UTC, what is not known as null. The file is written under another name and
    renamed, a group of rows at a time.

    Parameters
    ----------
    events : Events
        What is written; none of its further columns may be called like one of ours.
    path : Path
        The file; its folder must be there.

    Raises
    ------
    DataError
        A further column has the name of one of ours.
    StorageError
        The file cannot be written.
    """
    _refuse_clash(events)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as stream:
            _table(events).write_parquet(stream, compression="zstd", row_group_size=ROW_GROUP)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise StorageError(
            f"the events must be written to {path}",
            came=error.strerror or type(error).__name__,
            do="Check the folder, its permissions and the free space",
        ) from error


def from_parquet(path: Path) -> Events:
    """The events in a file that `to_parquet` wrote; raises `StorageError` for a missing or any other file."""
    try:
        with path.open("rb") as stream:
            return _events(pl.read_parquet(stream))
    except OSError as error:
        raise _unusable(path, error.strerror or type(error).__name__) from error
    except (pl.exceptions.PolarsError, TypeError) as error:
        raise _unusable(path, f"it is not ({type(error).__name__})") from error
    except pl.exceptions.PanicException as error:
        raise _unusable(path, "it is damaged") from error


def _refuse_clash(events: Events) -> None:
    clash = sorted({*COLUMNS, "pattern"} & set(events.columns.columns))
    if clash:
        raise DataError(
            "further columns of events must not be called like Barograph's own",
            came=f"there is a column '{clash[0]}'",
            do="Rename it",
        )


def _table(events: Events) -> pl.DataFrame:
    columns = [
        text_series("event_id", events.event_id),
        _instants("time", events.time),
        _named("actor", events.actor, events.actors),
        _named("counterparty", events.counterparty, events.counterparties),
        pl.Series("amount", events.amount),
        pl.Series("label", events.label).fill_nan(None),
        _instants("label_time", events.label_time),
    ]
    if events.pattern is not None:
        columns.append(text_series("pattern", events.pattern))
    return pl.DataFrame([*columns, *events.columns])


def _instants(name: str, time: TimeArray) -> pl.Series:
    return pl.Series(name, time.astype("datetime64[us]")).dt.replace_time_zone("UTC")


def _named(name: str, codes: IntArray, names: TextArray) -> pl.Series:
    """Codes as the names they stand for; -1 as null."""
    known = text_series(name, names)
    places = pl.Series(codes).cast(pl.Int64)
    return known.cast(pl.Enum(known)).gather(places.set(places < 0, None))


def _events(table: pl.DataFrame) -> Events:
    """The inverse of `_table`; raises where a column is missing or of another type."""
    kinds: dict[str, Any] = {"event_id": pl.String, "time": INSTANT, "amount": pl.Float64}
    kinds |= {"label": pl.Float64, "label_time": INSTANT, "actor": pl.Enum, "counterparty": pl.Enum}
    for name in COLUMNS:
        if table[name].dtype != kinds[name]:
            raise TypeError(name)
    actors, counterparties = _names(table["actor"]), _names(table["counterparty"])
    further = table.drop(*COLUMNS, "pattern", strict=False)
    same = actors.shape == counterparties.shape and bool((actors == counterparties).all())
    return Events(
        event_id=table["event_id"].to_numpy(),
        time=_plain_instants(table["time"]),
        actor=_codes(table["actor"]),
        counterparty=_codes(table["counterparty"]),
        amount=table["amount"].to_numpy().copy(),
        label=table["label"].fill_null(np.nan).to_numpy().copy(),
        label_time=_plain_instants(table["label_time"]),
        actors=actors,
        counterparties=actors if same else counterparties,
        pattern=table["pattern"].to_numpy() if "pattern" in table.columns else None,
        columns=further if further.width else pl.DataFrame(),
    )


def _names(series: pl.Series) -> TextArray:
    kind = series.dtype
    if not isinstance(kind, pl.Enum):
        raise TypeError(series.name)
    return np.array(kind.categories.to_list(), dtype=object)


def _codes(series: pl.Series) -> IntArray:
    return series.to_physical().cast(pl.Int64).fill_null(-1).to_numpy().copy()


def _plain_instants(series: pl.Series) -> TimeArray:
    return series.dt.replace_time_zone(None).to_numpy().astype("datetime64[us]")


def _unusable(path: Path, came: str) -> StorageError:
    return StorageError(
        f"{path} must be a table of events that Barograph wrote", came=came, do="Write it again"
    )
