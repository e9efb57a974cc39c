"""Opens a panel of levels by its packaged key, from a file, or from a table in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from barograph.collect.files import read_file
from barograph.collect.frames import as_polars
from barograph.collect.panels.own import own_curves
from barograph.collect.panels.treasury import CURRENCY, KEY, read_treasury
from barograph.collect.raw import by_rows
from barograph.core.errors import unknown
from barograph.core.panel_study import PanelSection
from barograph.core.panel_table import PanelSnapshot

PACKAGED_PANELS: dict[str, Callable[[PanelSection], PanelSnapshot]] = {KEY: read_treasury}
"""Key -> packaged panel."""

CURRENCIES: dict[str, str] = {KEY: CURRENCY}
"""Key of a packaged curve -> the currency it is of."""


def open_panel(section: PanelSection) -> PanelSnapshot:
    """The panel a study names: a packaged key, or the path of a CSV or Parquet file.

    Raises
    ------
    DataError, SettingError
        Source, table or column is not usable; the message says what to do.
    """
    if section.source in PACKAGED_PANELS:
        return PACKAGED_PANELS[section.source](section)
    path = Path(section.source).expanduser()
    if not path.exists() and not path.suffix and len(path.parts) == 1:
        raise unknown("collect.source", section.source, PACKAGED_PANELS)
    return own_curves(read_file(path), section)


def panel_from_frame(frame: object, section: PanelSection, *, label: str = "frame") -> PanelSnapshot:
    """The panel of a polars or pandas frame or an Arrow table; `section.source` is not looked at."""
    return own_curves(by_rows(as_polars(frame), label=label), section)
