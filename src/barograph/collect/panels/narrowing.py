"""The part of a panel that a study asks for: some of the series, some of the days."""

from __future__ import annotations

import datetime

import polars as pl

from barograph.core.errors import DataError, SettingError, unknown
from barograph.core.panel_study import PanelSection


def chosen_series(table: pl.DataFrame, section: PanelSection, *, label: str) -> pl.DataFrame:
    """`time` and the series of `collect.series`, in that order; all where it names none."""
    names = [name for name in table.columns if name != "time"]
    for name in section.series:
        if name not in names:
            raise unknown(f"collect.series: a series of {label}", name, names)
    return table.select("time", *(section.series or names))


def window(table: pl.DataFrame, section: PanelSection, *, label: str) -> pl.DataFrame:
    """Rows between collect.since and collect.until; raises `DataError` where none is left."""
    for key, day in (("since", section.since), ("until", section.until)):
        if day is not None:
            edge = _day(key, day)
            table = table.filter(pl.col("time") >= edge if key == "since" else pl.col("time") <= edge)
    if table.is_empty():
        raise DataError(f"{label} must hold days", came="none is left", do="Widen collect.since/until")
    return table


def _day(key: str, day: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(day)
    except ValueError as error:
        raise SettingError(
            f"collect.{key} must be an ISO day", came=f"got '{day}'", do="Write 2015-01-01"
        ) from error
