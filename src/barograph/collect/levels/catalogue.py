"""Opens a series by its packaged key, from a file, or from a table in memory."""

from __future__ import annotations

from collections.abc import Callable

from barograph.collect.levels.default_rate import read_default_rate
from barograph.collect.levels.own import own_level
from barograph.collect.reading import named_table, table_of
from barograph.core.level_study import SeriesSection
from barograph.core.level_table import LevelSnapshot

PACKAGED_SERIES: dict[str, Callable[[SeriesSection], LevelSnapshot]] = {"sba-default-rate": read_default_rate}
"""Key -> packaged series."""


def open_level(section: SeriesSection) -> LevelSnapshot:
    """The series a study names: a packaged key, or what `read_table` reads.

    Raises
    ------
    DataError, SettingError
        Source, table or column is not usable; the message says what to do.
    """
    if section.source in PACKAGED_SERIES:
        return PACKAGED_SERIES[section.source](section)
    return own_level(named_table(section.source, PACKAGED_SERIES, section), section)


def level_from_frame(frame: object, section: SeriesSection, *, label: str = "frame") -> LevelSnapshot:
    """The series of a polars or pandas frame or an Arrow table; `section.source` is not looked at."""
    return own_level(table_of(frame, label=label, form=section), section)
