"""A user's curves: a day and one or more rates, by column or by row, of one country or several."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from barograph.collect.panels.calendar import in_periods
from barograph.collect.panels.columns import panel_columns, time_column
from barograph.collect.panels.narrowing import chosen_series, window
from barograph.collect.panels.snapshot import provenance_of
from barograph.collect.panels.tenors import tenor_name, tenor_of
from barograph.collect.panels.units import as_decimals
from barograph.collect.raw import RawTable
from barograph.collect.records.column_types import day_column, days_of
from barograph.collect.records.rows import refuse_rows
from barograph.collect.violation import shortened
from barograph.core.errors import DataError, SettingError, nearest
from barograph.core.panel_study import Frequency, PanelSection
from barograph.core.panel_table import LevelPanel, PanelSnapshot, SeriesFact
from barograph.core.records import Assumed

LICENCE = "the user's own data; no terms are known to Barograph"
REQUEST: dict[str, Any] = {"source": "request", "since": None, "until": None, "series": (), "ignore": ()}
REQUEST |= {"encoding": "", "delimiter": "", "header": 0, "footer": -1, "decimal": "", "written": {}}
"""What of a section speaks of the table it was fitted on only, and what a request has instead."""
LEAST_VALUES = 30
"""Known values a series needs; a shorter one is left out with a note."""


def own_curves(raw: RawTable, section: PanelSection) -> PanelSnapshot:
    """The panel of a user's table of rates, with its provenance.

    Raises
    ------
    DataError
        The table, a column or a day is not usable.
    SettingError
        The section does not fit the table.
    """
    wide = wide_table(raw, section)
    notes, groups = wide.notes, wide.groups
    table, unit, said = as_decimals(wide.table, section, signs="percent sign" in " ".join(notes))
    notes = (*notes, *said)
    table = window(chosen_series(table, section, label=raw.label), section, label=raw.label)
    table, frequency, done = in_periods(table, section, label=raw.label)
    table, dropped = worth_forecasting(table, raw.label)
    series = tuple(
        SeriesFact(
            name,
            group=groups.get(name, ""),
            tenor=tenor_of(name.rpartition(":")[2]),
            unit="rate",
            delay=section.delays.get(name, 0),
        )
        for name in table.columns
        if name != "time"
    )
    check_named("collect.delays", section.delays, table, raw.label)
    panel = LevelPanel(table, series, frequency)
    told = provenance_of(
        panel, source=raw.label, licence=LICENCE, notes=(*raw.notes, *notes, *done, *dropped)
    )
    told = replace(
        told, assumed=(*wide.assumed, *units_assumed(section, unit), *periods_assumed(section, frequency))
    )
    told_of = {
        "unit": unit,
        "frequency": frequency,
        "day_order": day_order(raw, section),
        "entity": wide.entity,
    }
    request = section.model_copy(update={**REQUEST, **told_of})
    return PanelSnapshot(panel, told, request)


@dataclass(frozen=True, slots=True, eq=False)
class WideTable:
    """A user's table with `time` and one column per series, days ascending and each once."""

    table: pl.DataFrame
    groups: dict[str, str]  # series -> its country
    entity: str | None
    notes: tuple[str, ...]
    assumed: tuple[Assumed, ...]


def wide_table(raw: RawTable, section: PanelSection) -> WideTable:
    """`time` and one column per series.

    Three layouts are told apart: a column for each tenor; a row for each tenor (a column called tenor or
    maturity, or of tenors, beside one of rates); either of them with a column of countries
    (`collect.entity`, or the one column that tells rows of a day apart).
    """
    found = panel_columns(raw, section)
    raw, time, tenor, entity = found.raw, found.time, found.tenor, found.entity
    days = day_column(raw, time, section.day_order)
    empty = days.values.is_null()
    refuse_rows(raw, time, "say in every row which day it is", empty, do="Fill it, or drop the row")
    columns = {name.strip(): column.values.cast(pl.Float64) for name, column in found.values.items()}
    table = pl.DataFrame({"time": days.values.cast(pl.Date), **columns})
    groups: dict[str, str] = {}
    if tenor:
        table, groups = _by_tenor(raw, table, tenor, entity)
    elif entity:
        table, groups = _by_entity(raw, table, entity)
    said = [*days.notes, *found.notes]
    table = _each_day_once(table, raw.label, said)
    return WideTable(table, groups, entity, tuple(said), (*raw.assumed, *found.assumed, *days.assumed))


def day_order(raw: RawTable, section: PanelSection) -> str:
    """How the table writes days like 03/05/2020, so that a request of few rows is read alike."""
    raw, time = time_column(raw, section)
    return days_of(raw, time, section.day_order)[1]


def _by_tenor(
    raw: RawTable, table: pl.DataFrame, tenor: str, entity: str | None
) -> tuple[pl.DataFrame, dict[str, str]]:
    """A row for each tenor as columns."""
    values = [name for name in table.columns if name != "time"]
    if len(values) != 1:
        raise DataError(
            f"{raw.label} must hold one column of rates beside '{tenor}'",
            came=f"it holds {', '.join(values) or 'none'}",
            do="Leave the others out, or give a column for each tenor",
        )
    words = raw.frame[tenor].cast(pl.String)
    months = [_months(raw, tenor, word) for word in words.to_list()]
    countries = raw.frame[entity].cast(pl.String).to_list() if entity else [""] * table.height
    names = [
        f"{country}:{tenor_name(month)}" if country else tenor_name(month)
        for country, month in zip(countries, months, strict=True)
    ]
    long = table.with_columns(pl.Series("series", names))
    groups = dict(zip(names, countries, strict=True))
    order = sorted(set(names), key=lambda name: (groups[name], tenor_of(name.rpartition(":")[2]) or 0.0))
    return _spread(raw, long, values[0], order), groups


def _months(raw: RawTable, column: str, word: str | None) -> float:
    found = tenor_of(word) if word else None
    if found is None and word and re.fullmatch(r"\d+(\.\d+)?", word.strip()):
        found = float(word)  # plain numbers are months
    if found is None:
        raise DataError(
            f"column '{column}' of {raw.label} must hold tenors",
            came=f"'{shortened(str(word))}' is none",
            do="Write them like 3M, 10Y, or in months",
        )
    return found


def _by_entity(raw: RawTable, table: pl.DataFrame, entity: str) -> tuple[pl.DataFrame, dict[str, str]]:
    """The columns of each country side by side, named `country:tenor`."""
    countries = raw.frame[entity].cast(pl.String)
    refuse_rows(raw, entity, "name a country in every row", countries.is_null(), do="Fill it")
    wide: pl.DataFrame | None = None
    groups: dict[str, str] = {}
    for country in sorted(set(countries.to_list())):
        part = table.filter(countries == country)
        part = part.rename({name: f"{country}:{name}" for name in part.columns if name != "time"})
        part = _each_day_once(part, f"{raw.label}, {country}", [])
        part = part.select(name for name in part.columns if part[name].null_count() < part.height)
        groups |= {name: country for name in part.columns if name != "time"}
        wide = part if wide is None else wide.join(part, on="time", how="full", coalesce=True)
    if wide is None:
        raise DataError(f"{raw.label} must hold rows", came="it holds none", do="Give more history")
    return wide.sort("time"), groups


def _spread(raw: RawTable, long: pl.DataFrame, value: str, order: list[str]) -> pl.DataFrame:
    """Long to wide; a day that names a series twice with different rates is refused."""
    twice = long.unique().group_by("time", "series").len().filter(pl.col("len") > 1)
    if twice.height:
        raise DataError(
            f"{raw.label} must give each rate once a day",
            came=f"{twice['series'].item(0)} has {twice['len'].item(0)} values on {twice['time'].item(0)}",
            do="Keep one of them",
        )
    wide = long.unique().pivot(on="series", index="time", values=value, aggregate_function="first")
    return wide.select("time", *order).sort("time")


def _each_day_once(table: pl.DataFrame, label: str, notes: list[str]) -> pl.DataFrame:
    """Days ascending; equal rows of one day count once, different ones are refused."""
    kept = table.unique(maintain_order=True)
    if kept.height < table.height:
        notes.append(f"{table.height - kept.height} rows that repeat another left out")
    days = kept.group_by("time").len().filter(pl.col("len") > 1).sort("time")
    if days.height:
        raise DataError(
            f"{label} must hold each day once",
            came=f"{days.height} come more than once with different rates, first {days['time'].item(0)}",
            do="Keep one row a day; several countries need --entity, several tenors a column each",
        )
    return kept.sort("time")


def worth_forecasting(table: pl.DataFrame, label: str) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """A panel's table without series that are too short or never move, each with a note."""
    notes, kept = [], ["time"]
    for name in table.columns[1:]:
        known = table[name].drop_nulls()
        if len(known) < LEAST_VALUES:
            notes.append(f"{name}: only {len(known)} values, left out")
        elif known.n_unique() < 3:
            notes.append(f"{name}: it hardly ever moves (a peg or a fixed rate), left out")
        else:
            kept.append(name)
    if len(kept) == 1:
        raise DataError(
            f"{label} must hold a series with at least {LEAST_VALUES} values that moves",
            came="; ".join(notes) or "it holds none",
            do="Give more history",
        )
    return table.select(kept), tuple(notes)


def units_assumed(section: PanelSection, unit: str) -> tuple[Assumed, ...]:
    """The unit of the rates, where it was told by their size."""
    return (Assumed("unit", unit, setting="collect.unit"),) if section.unit == "auto" else ()


def periods_assumed(section: PanelSection, frequency: Frequency) -> tuple[Assumed, ...]:
    """The frequency, where it was told from the days."""
    return (
        (Assumed("frequency", frequency, setting="collect.frequency"),) if section.frequency == "auto" else ()
    )


def check_named(key: str, names: Iterable[str], table: pl.DataFrame, label: str) -> None:
    """Refuse a setting that names a series which is not there; `table` holds `time`, then the series."""
    for name in names:
        if name not in table.columns[1:]:
            raise SettingError(
                f"{key} must name series of {label}",
                came=f"'{name}' is none",
                do=nearest(name, table.columns[1:]).capitalize(),
            )
