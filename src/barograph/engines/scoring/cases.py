"""Past frauds like an event: the newest confirmed ones travel in the bundle, the nearest are looked up."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.core.record_table import EventLink, Records, TextArray

KEPT = 500
"""Confirmed frauds kept, the newest."""


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Confirmed frauds of the past."""

    table: pl.DataFrame  # [n] features, as in `Records.table`
    record_id: TextArray  # [n]
    time: AnyArray  # [n] datetime64[us] UTC
    known: AnyArray  # [n] datetime64[D], day on which each was confirmed
    actor: TextArray  # [n]
    counterparty: TextArray  # [n] "" where there is none
    amount: FloatArray  # [n]


def known_cases(records: Records, link: EventLink) -> Cases:
    """The newest confirmed frauds of some records."""
    bad = np.flatnonzero(records.label == 1.0)
    rows = bad[np.argsort(records.label_time[bad], kind="stable")][-KEPT:]
    return Cases(
        table=records.table[rows.tolist()] if rows.size else records.table.clear(),
        record_id=records.record_id[rows].astype(str),
        time=link.time[rows].astype("datetime64[us]"),
        known=records.label_time[rows],
        actor=link.actor[rows].astype(str),
        counterparty=link.counterparty[rows].astype(str),
        amount=records.amount[rows],
    )


def to_files(cases: Cases) -> tuple[bytes, dict[str, AnyArray]]:
    """The features as Parquet, and the rest as arrays."""
    stream = io.BytesIO()
    cases.table.write_parquet(stream, compression="zstd")
    rest: dict[str, AnyArray] = {
        "record_id": cases.record_id,
        "time": cases.time.astype(np.int64),
        "known": cases.known.astype("datetime64[D]").astype(np.int64),
        "actor": cases.actor,
        "counterparty": cases.counterparty,
        "amount": cases.amount,
    }
    return stream.getvalue(), rest


def from_files(table: pl.DataFrame, rest: Mapping[str, AnyArray]) -> Cases:
    """The inverse of `to_files`."""
    return Cases(
        table=table,
        record_id=rest["record_id"],
        time=rest["time"].astype("datetime64[us]"),
        known=rest["known"].astype("datetime64[D]"),
        actor=rest["actor"],
        counterparty=rest["counterparty"],
        amount=rest["amount"],
    )


def nearest_cases(
    cases: Cases, seen: FloatArray, features: FloatArray, *, before: np.datetime64, but: str, most: int = 2
) -> IntArray:
    """Places of the nearest frauds confirmed before a day, nearest first.

    Parameters
    ----------
    cases : Cases
    seen : FloatArray [n, F]
        The cases, as the networks see them.
    features : FloatArray [F]
        The event, as the networks see it.
    before : datetime64
        Day of the event.
    but : str
        The event's own id, never its own case.
    most : int
    """
    usable = np.flatnonzero((cases.known < before) & (cases.record_id != but))
    distance = np.sum((seen[usable] - features) ** 2, axis=1)
    return usable[np.argsort(distance, kind="stable")[:most]]
