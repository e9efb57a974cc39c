"""Opens a panel of levels by its packaged key, from a file, or from a table in memory."""

from __future__ import annotations

from collections.abc import Callable

from barograph.collect.panels.economy import KEY as ECONOMY
from barograph.collect.panels.economy import read_economy
from barograph.collect.panels.own import own_curves
from barograph.collect.panels.own_macro import own_macro
from barograph.collect.panels.treasury import CURRENCY, KEY, read_treasury
from barograph.collect.raw import RawTable
from barograph.collect.reading import named_table, table_of
from barograph.core.panel_study import PanelSection
from barograph.core.panel_table import PanelSnapshot

PACKAGED_PANELS: dict[str, Callable[[PanelSection], PanelSnapshot]] = {
    KEY: read_treasury,
    ECONOMY: read_economy,
}
"""Key -> packaged panel."""

CURRENCIES: dict[str, str] = {KEY: CURRENCY}
"""Key of a packaged curve -> the currency it is of."""


def open_panel(section: PanelSection) -> PanelSnapshot:
    """The panel a study names: a packaged key, or what `read_table` reads.

    Raises
    ------
    DataError, SettingError
        Source, table or column is not usable; the message says what to do.
    """
    if section.source in PACKAGED_PANELS:
        return PACKAGED_PANELS[section.source](section)
    return _own(named_table(section.source, PACKAGED_PANELS, section), section)


def panel_from_frame(frame: object, section: PanelSection, *, label: str = "frame") -> PanelSnapshot:
    """The panel of a polars or pandas frame or an Arrow table; `section.source` is not looked at."""
    return _own(table_of(frame, label=label, form=section), section)


def _own(raw: RawTable, section: PanelSection) -> PanelSnapshot:
    return own_macro(raw, section) if section.kind == "macro" else own_curves(raw, section)
