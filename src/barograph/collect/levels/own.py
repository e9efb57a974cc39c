"""A user's table of one series: months or quarters in order, every column with the delay it is known by."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import polars as pl

from barograph.collect.levels.snapshot import provenance_of
from barograph.collect.raw import RawTable
from barograph.collect.records.column_types import days_of, numbers_of
from barograph.collect.records.rows import kept, refuse_rows
from barograph.core.arrays import IntArray
from barograph.core.errors import DataError, SettingError, nearest
from barograph.core.level_study import SeriesSection
from barograph.core.level_table import LevelSeries, LevelSnapshot
from barograph.core.notes import noted
from barograph.measures.levels import month_end

LICENCE = noted("notes.source.own_licence")
EPOCH_MONTHS = 12 * 1970
STEPS = {1: "months", 3: "quarters", 12: "years"}
"""Months of a period -> what it is called."""


def own_level(raw: RawTable, section: SeriesSection) -> LevelSnapshot:
    """The series of a user's table, with its provenance.

    Raises
    ------
    DataError
        The table, a column or a period is not usable.
    SettingError
        The section does not fit the table.
    """
    series = level_series(raw, section)
    notes = (*raw.notes, noted("notes.reading.known_later", target=section.target, delay=section.delay))
    provenance = provenance_of(series, source=raw.label, licence=LICENCE, notes=notes)
    return LevelSnapshot(series, replace(provenance, assumed=raw.assumed), str(section.target))


def level_series(raw: RawTable, section: SeriesSection) -> LevelSeries:
    """The typed series of a table, estimates and exogenous columns moved to the row they are known at."""
    target, time = _named(raw, section)
    inputs = {**section.estimates, **section.exogenous}
    days, _, _ = days_of(raw, time)
    refuse_rows(raw, time, "say in every row which period it is", days.is_null(), do="Fill it")
    order = days.arg_sort()
    raw, days = kept(raw, order), days.gather(order)
    months = (
        days.dt.year().cast(pl.Int64) * 12 + days.dt.month().cast(pl.Int64) - 1 - EPOCH_MONTHS
    ).to_numpy()
    step = _step(raw, months)
    columns = {"target": _floats(raw, target)}
    columns["size"] = _floats(raw, section.size) if section.size else pl.Series([None] * days.len())
    for name, lag in inputs.items():
        if lag < 0:
            raise SettingError(
                f"the lag of '{name}' must be at least 0", came=f"got {lag}", do="Give periods until known"
            )
        columns[name] = _floats(raw, name).shift(lag)
    ends = pl.Series("time", month_end(months - months % step + step - 1)).cast(pl.Date)
    table = pl.DataFrame([ends, *(values.cast(pl.Float64).alias(name) for name, values in columns.items())])
    table = _window(table, section)
    if table.is_empty():
        raise DataError(f"{raw.label} must hold periods", came="none is left", do="Widen collect.since/until")
    return LevelSeries(table, step, section.delay, tuple(section.estimates), tuple(section.exogenous))


def _named(raw: RawTable, section: SeriesSection) -> tuple[str, str]:
    target, time = section.target, section.time
    if not target or not time:
        raise SettingError(
            "own data must say which column is the target and which the time",
            came=f"collect.target is {target!r}, collect.time is {time!r}",
            do=f"Columns are: {', '.join(raw.frame.columns)}",
        )
    used = [target, time, *([section.size] if section.size else []), *section.estimates, *section.exogenous]
    for name in used:
        if name not in raw.frame.columns:
            hint = nearest(name, raw.frame.columns).capitalize()
            raise SettingError(f"{raw.label} must have column '{name}'", came="it has not", do=hint)
    wrong = [name for name in used if used.count(name) > 1]
    if wrong:
        raise SettingError(
            "a column must have one role", came=f"'{wrong[0]}' has two", do="Name each column once"
        )
    return target, time


def _step(raw: RawTable, months: IntArray) -> int:
    """Months of a period; every period must be there once."""
    gaps = np.diff(months)
    step = int(gaps.min()) if gaps.size else 0
    if step in STEPS and bool((gaps == step).all()):
        return step
    came = "it holds a single row" if not gaps.size else f"gaps of {sorted(set(gaps.tolist()))[:5]} months"
    raise DataError(
        f"{raw.label} must hold one row for every month, quarter or year, none left out",
        came=came,
        do="Fill the missing periods (the target may be empty there), or aggregate days to months first",
    )


def _floats(raw: RawTable, name: str) -> pl.Series:
    return numbers_of(raw, name).values.alias(name)


def _window(table: pl.DataFrame, section: SeriesSection) -> pl.DataFrame:
    """Rows between collect.since and collect.until."""
    for key, day in (("since", section.since), ("until", section.until)):
        if day is not None:
            try:
                edge = datetime.date.fromisoformat(day)
            except ValueError as error:
                raise SettingError(
                    f"collect.{key} must be an ISO day", came=f"got '{day}'", do="Write 2015-01-01"
                ) from error
            table = table.filter(pl.col("time") >= edge if key == "since" else pl.col("time") <= edge)
    return table
