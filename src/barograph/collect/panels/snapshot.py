"""The identity of a panel of levels and its two files: `panel.parquet` and `panel.json`."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from barograph.collect.described import read_described, unusable, write_described
from barograph.core.panel_study import PanelSection
from barograph.core.panel_table import LevelPanel, PanelSnapshot, SeriesFact
from barograph.core.records import Provenance

FILES = ("panel.parquet", "panel.json")
WHAT = "a panel of levels"


def panel_hash(panel: LevelPanel) -> str:
    """SHA-256 over facts and columns in order: validity and little-endian values (float64, days since
    1970-01-01 for time; missing as 0), the same on every platform."""
    digest = hashlib.sha256(f"barograph level panel 1 {panel.frequency} {panel.series}\n".encode())
    for name in ("time", *panel.names):
        column = panel.table[name]
        digest.update(f"{name} {len(column)}\n".encode())
        digest.update(column.is_not_null().to_numpy().astype("u1").tobytes())
        plain = column.to_physical() if column.dtype == pl.Date else column
        digest.update((plain.cast(pl.Float64).fill_null(0.0).to_numpy() + 0.0).astype("<f8").tobytes())
    return digest.hexdigest()


def provenance_of(panel: LevelPanel, *, source: str, licence: str, notes: tuple[str, ...] = ()) -> Provenance:
    """Where a panel came from, with its hash, rows and first and last day."""
    time = panel.table["time"]
    return Provenance(
        source, licence, panel_hash(panel), panel.table.height, str(time.min()), str(time.max()), notes
    )


def save_panel(snapshot: PanelSnapshot, folder: Path) -> None:
    """Writes a snapshot into a folder, replacing one that is there, the description last."""
    words = described(snapshot.panel) | {"request": snapshot.request.model_dump(mode="json")}
    write_described(folder, FILES, snapshot.panel.table, words, snapshot.provenance, what=WHAT)


def described(panel: LevelPanel) -> dict[str, Any]:
    """What a panel is beside its table, JSON-ready."""
    return {"frequency": panel.frequency, "series": [asdict(one) for one in panel.series]}


def panel_of(table: pl.DataFrame, words: dict[str, Any]) -> LevelPanel:
    """The inverse of `described`, with its table."""
    return LevelPanel(table, tuple(SeriesFact(**one) for one in words["series"]), words["frequency"])


def load_panel(folder: Path) -> PanelSnapshot:
    """The snapshot in a folder; raises `StorageError` where it is missing, damaged or changed."""

    def made(table: pl.DataFrame, words: dict[str, Any], told: Provenance) -> PanelSnapshot:
        return PanelSnapshot(panel_of(table, words), told, PanelSection.model_validate(words["request"]))

    snapshot = read_described(folder, FILES, made, what=WHAT)
    try:
        whole = panel_hash(snapshot.panel) == snapshot.provenance.content_hash
    except pl.exceptions.PolarsError as error:
        raise unusable(folder, f"reading it failed ({type(error).__name__})", what=WHAT) from error
    if not whole:
        raise unusable(folder, "its rows are not those it was written with", what=WHAT)
    return snapshot
