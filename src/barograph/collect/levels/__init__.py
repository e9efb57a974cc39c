"""Step 1 for one series in levels: a packaged default rate, or a user's table of months or quarters."""

from barograph.collect.levels.catalogue import PACKAGED_SERIES, level_from_frame, open_level
from barograph.collect.levels.own import level_series
from barograph.collect.levels.snapshot import level_hash, load_level, save_level

__all__ = [
    "PACKAGED_SERIES",
    "level_from_frame",
    "level_hash",
    "level_series",
    "load_level",
    "open_level",
    "save_level",
]
