"""A small real bundle of every kind that `load` knows."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import barograph as bg
import small_events
import small_ledgers
import small_levels
import small_panels
import small_rates
import small_scoring
import small_service
from barograph.pipeline.ledgers import run_ledgers
from barograph.pipeline.levels import run_levels
from barograph.pipeline.panels import run_panels
from small_levels import Silent

KINDS = ("records", "events", "prices", "fixings", "levels", "panels", "ledgers")


@functools.cache
def bundle_of(kind: str) -> Path:
    """The bundle of a kind, made once for all tests of a process."""
    if kind == "records":
        return small_scoring.finished().bundle
    if kind == "events":
        return small_events.bundle()
    if kind == "prices":
        return small_service.market()
    folder = Path(tempfile.mkdtemp(prefix="barograph-kinds-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if kind == "fixings":
        return bg.run(small_rates.small_falls(), data=small_rates.rates(), out=folder / kind).bundle
    place, options = folder / kind, {"resume": False, "lang": "en", "progress": Silent()}
    if kind == "levels":
        level = small_levels.small_study(train__max_steps=20)
        series = small_levels.snapshot_of(small_levels.table(200, seed=1, effect=0.5), level)
        return run_levels(level, series, place, **options).folder / "bundle"
    if kind == "panels":
        panel = small_panels.small_study(train__max_steps=20)
        curve = small_panels.snapshot_of(small_panels.curve(170, seed=1), panel)
        return run_panels(panel, curve, place, **options).folder / "bundle"
    ledger = small_ledgers.small_study(train__max_steps=40)
    losses = small_ledgers.snapshot_of(small_ledgers.table(seed=1), ledger)
    return run_ledgers(ledger, losses, place, **options).folder / "bundle"
