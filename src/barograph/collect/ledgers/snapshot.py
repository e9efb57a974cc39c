"""The identity of a ledger and its two files: `ledger.parquet` and `ledger.json`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.described import read_described, unusable, write_described
from barograph.core.ledger_table import LedgerSnapshot, LossLedger
from barograph.core.records import Provenance

FILES = ("ledger.parquet", "ledger.json")
WHAT = "a ledger"


def ledger_hash(ledger: LossLedger) -> str:
    """SHA-256 over bounds, threshold, days since 1970-01-01 and amounts, the same on every platform."""
    head = f"barograph ledger 1 {ledger.since} {ledger.until} {ledger.threshold!r} {ledger.n}\n"
    digest = hashlib.sha256(head.encode())
    digest.update(ledger.day.astype("datetime64[D]").astype("<i8").tobytes())
    digest.update(ledger.amount.astype("<f8").tobytes())
    return digest.hexdigest()


def provenance_of(
    ledger: LossLedger, *, source: str, licence: str, notes: tuple[str, ...] = ()
) -> Provenance:
    """Where a ledger came from, with its hash, rows and bounds."""
    return Provenance(
        source, licence, ledger_hash(ledger), ledger.n, str(ledger.since), str(ledger.until), notes
    )


def ledger_table(ledger: LossLedger) -> pl.DataFrame:
    """The losses with `day` and `amount`."""
    return pl.DataFrame({"day": pl.Series(ledger.day).cast(pl.Date), "amount": ledger.amount})


def ledger_words(ledger: LossLedger) -> dict[str, Any]:
    """What of a ledger is not in its table, JSON-ready."""
    bounds = {"since": str(ledger.since), "until": str(ledger.until)}
    return bounds | {"threshold": ledger.threshold, "unit": ledger.unit}


def ledger_again(table: pl.DataFrame, words: dict[str, Any]) -> LossLedger:
    """The inverse of `ledger_table` and `ledger_words`."""
    return LossLedger(
        day=table["day"].to_numpy().astype("datetime64[D]"),
        amount=table["amount"].to_numpy().astype(np.float64),
        since=np.datetime64(words["since"], "D"),
        until=np.datetime64(words["until"], "D"),
        threshold=float(words["threshold"]),
        unit=str(words["unit"]),
    )


def save_ledger(snapshot: LedgerSnapshot, folder: Path) -> None:
    """Writes a snapshot into a folder, replacing one that is there, the description last."""
    ledger = snapshot.ledger
    write_described(folder, FILES, ledger_table(ledger), ledger_words(ledger), snapshot.provenance, what=WHAT)


def load_ledger(folder: Path) -> LedgerSnapshot:
    """The snapshot in a folder; raises `StorageError` where it is missing, damaged or changed."""

    def made(table: pl.DataFrame, words: dict[str, Any], told: Provenance) -> LedgerSnapshot:
        return LedgerSnapshot(ledger_again(table, words), told)

    snapshot = read_described(folder, FILES, made, what=WHAT)
    if ledger_hash(snapshot.ledger) != snapshot.provenance.content_hash:
        raise unusable(folder, "its rows are not those it was written with", what=WHAT)
    return snapshot
