"""What callers hand to a bundle of prices or fixings, read the way a study reads it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from barograph.collect.catalogue import open_source
from barograph.collect.contract import PRICES
from barograph.collect.frames import from_frame
from barograph.core.records import Panel
from barograph.core.study import CollectSection

SERVED = dataclasses.replace(PRICES, minimum_rows=1)
"""The price contract of a serving request: one day is enough."""


def panel_to_serve(data: object) -> Panel:
    """The days of a file or frame, of however few rows."""
    if isinstance(data, str | Path):
        return open_source(CollectSection(source=str(data)), contract=SERVED).read().panel
    return from_frame(data, CollectSection(), contract=SERVED).panel
