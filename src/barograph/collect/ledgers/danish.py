"""Packaged: Danish fire losses of at least a million kroner, 1980 to 1990."""

from __future__ import annotations

import importlib.resources

import polars as pl

from barograph.collect.ledgers.own import check_enough, ledger_from
from barograph.collect.ledgers.snapshot import provenance_of
from barograph.core.ledger_study import LedgerSection
from barograph.core.ledger_table import LedgerSnapshot
from barograph.core.notes import noted

FILE = "danish_fire_losses.parquet"
LICENCE = noted("notes.source.danish_licence")
UNIT = noted("notes.source.danish_unit")
THRESHOLD = 1.0
FIRST, LAST = "1980-01-01", "1990-12-31"


def read_danish_fire(section: LedgerSection) -> LedgerSnapshot:
    """The packaged ledger; insurance losses, as a stand-in for operational ones."""
    file = importlib.resources.files("barograph.collect") / "samples" / FILE
    table = pl.read_parquet(file.read_bytes()).select(
        pl.col("date").cast(pl.Date).alias("day"), pl.col("loss_mdkk").alias("amount")
    )
    changes = {
        "threshold": max(section.threshold, THRESHOLD),
        "unit": UNIT,
        "since": section.since or FIRST,
        "until": section.until or LAST,
    }
    notes = (
        noted("notes.source.danish_fire"),
        noted("notes.source.danish_threshold", threshold=THRESHOLD),
    )
    ledger, said = ledger_from(table, section.model_copy(update=changes), notes)
    check_enough(ledger, "the packaged ledger")
    provenance = provenance_of(ledger, source=section.source, licence=LICENCE, notes=said)
    return LedgerSnapshot(ledger, provenance)
