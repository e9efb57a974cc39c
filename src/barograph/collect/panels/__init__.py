"""Step 1 for a panel of levels: packaged curves, or a user's own."""

from barograph.collect.panels.catalogue import CURRENCIES, PACKAGED_PANELS, open_panel, panel_from_frame
from barograph.collect.panels.snapshot import load_panel, panel_hash, save_panel

__all__ = [
    "CURRENCIES",
    "PACKAGED_PANELS",
    "load_panel",
    "open_panel",
    "panel_from_frame",
    "panel_hash",
    "save_panel",
]
