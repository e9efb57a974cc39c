"""Opens a series by its packaged key, from a file, or from a table in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from barograph.collect.files import read_file
from barograph.collect.frames import as_polars
from barograph.collect.levels.default_rate import read_default_rate
from barograph.collect.levels.own import own_level
from barograph.collect.raw import by_rows
from barograph.core.errors import unknown
from barograph.core.level_study import SeriesSection
from barograph.core.level_table import LevelSnapshot

PACKAGED_SERIES: dict[str, Callable[[SeriesSection], LevelSnapshot]] = {"sba-default-rate": read_default_rate}
"""Key -> packaged series."""


def open_level(section: SeriesSection) -> LevelSnapshot:
    """The series a study names: a packaged key, or the path of a CSV or Parquet file.

    Raises
    ------
    DataError, SettingError
        Source, table or column is not usable; the message says what to do.
    """
    if section.source in PACKAGED_SERIES:
        return PACKAGED_SERIES[section.source](section)
    path = Path(section.source).expanduser()
    if not path.exists() and not path.suffix and len(path.parts) == 1:
        raise unknown("collect.source", section.source, PACKAGED_SERIES)
    return own_level(read_file(path), section)


def level_from_frame(frame: object, section: SeriesSection, *, label: str = "frame") -> LevelSnapshot:
    """The series of a polars or pandas frame or an Arrow table; `section.source` is not looked at."""
    return own_level(by_rows(as_polars(frame), label=label), section)
