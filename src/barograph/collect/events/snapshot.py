"""The identity of a table of events, and where a simulated one came from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import polars as pl

from barograph.collect.events.rows import World
from barograph.core.arrays import AnyArray
from barograph.core.event_table import Events, EventSnapshot
from barograph.core.notes import noted
from barograph.core.record_table import TextArray
from barograph.core.records import Provenance

CHUNK = 1 << 16
"""Texts that are Python strings at a time."""
LICENCE = noted("notes.source.simulated_licence")


def events_hash(events: Events) -> str:
    """SHA-256 over the events in their order, the same on every platform and polars version.

    Hashed are plain bytes: each array's name and length, then its values – text as a validity byte per
    row, little-endian int32 lengths and UTF-8; instants as microseconds since 1970-01-01 (none as the least
    int64) and codes as little-endian int64; numbers as a validity byte per row and little-endian float64
    (missing as 0, minus zero as zero).
    """
    digest = hashlib.sha256(b"barograph events 1\n")
    for name, values in _parts(events):
        digest.update(f"{name} {len(values)}\n".encode())
        for plain in _plain(values):
            digest.update(plain)
    return digest.hexdigest()


def provenance_of(events: Events, *, source: str, licence: str, notes: tuple[str, ...] = ()) -> Provenance:
    """Where events came from, with their hash, number, and first and last day."""
    days = events.time.astype("datetime64[D]")
    since, until = (str(days.min()), str(days.max())) if events.n else ("", "")
    return Provenance(source, licence, events_hash(events), events.n, since, until, notes)


def simulated(events: Events, world: World, *, what: str) -> EventSnapshot:
    """Simulated events with their provenance; its notes hold every setting."""
    settings = ", ".join(f"{field.name}={getattr(world, field.name)}" for field in fields(world))
    source = noted("notes.source.simulated", why=what, seed=world.seed)
    return EventSnapshot(
        events, provenance_of(events, source=source, licence=LICENCE, notes=(f"settings: {settings}",))
    )


def _parts(events: Events) -> Iterator[tuple[str, AnyArray | pl.Series]]:
    for name in ("event_id", "time", "actor", "counterparty", "amount", "label", "label_time"):
        yield name, getattr(events, name)
    yield "actors", events.actors
    yield "counterparties", events.counterparties
    if events.pattern is not None:
        yield "pattern", events.pattern
    for column in events.columns:
        yield f"column:{column.name}", column


def _plain(values: TextArray | pl.Series) -> Iterator[bytes]:
    """The documented bytes of one array."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        yield values.astype("datetime64[us]").astype("<i8").tobytes()
    elif isinstance(values, np.ndarray) and values.dtype.kind == "i":
        yield values.astype("<i8").tobytes()
    elif isinstance(values, np.ndarray) and values.dtype.kind == "f":
        yield from _real(pl.Series(values))
    else:
        series = values if isinstance(values, pl.Series) else text_series("", values)
        yield from _text(series) if series.dtype == pl.String else _real(series)


def _real(series: pl.Series) -> Iterator[bytes]:
    known = series.cast(pl.Float64).fill_nan(None)
    yield known.is_not_null().to_numpy().astype("u1").tobytes()
    yield (known.fill_null(0.0).to_numpy() + 0.0).astype("<f8").tobytes()


def _text(series: pl.Series) -> Iterator[bytes]:
    filled = series.fill_null("")
    yield series.is_not_null().to_numpy().astype("u1").tobytes()
    yield filled.str.len_bytes().to_numpy().astype("<i4").tobytes()
    for some in filled.to_frame().iter_slices(CHUNK):
        yield "".join(some.to_series().to_list()).encode()


def text_series(name: str, values: TextArray) -> pl.Series:
    """An array of str as a column."""
    return pl.Series(name, values.tolist(), dtype=pl.String)
