"""Which column of a user's table of levels is the day, which the country or tenor, and which are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from barograph.collect.columns import plain
from barograph.collect.panels.tenors import tenor_of
from barograph.collect.raw import RawTable
from barograph.collect.records.column_types import TypedColumn, looks_like_dates, numbers_of
from barograph.collect.records.number_text import is_absent, number_words, read_numbers
from barograph.collect.violation import quoted, shortened
from barograph.core.errors import DataError, SettingError, nearest
from barograph.core.panel_study import PanelSection
from barograph.core.records import Assumed

TENOR_COLUMNS = ("tenor", "maturity", "term")
DATE_WORDS = ("date", "time", "day", "month", "quarter", "period", "datum", "fecha", "日期", "datetime")
"""Words by which one of several columns of days is taken for the time."""
PARTS = {
    "year": ("year", "yr", "jahr", "année", "annee", "año", "ano", "年"),
    "month": ("month", "mon", "monat", "mois", "mes", "mês", "月"),
    "day": ("day", "tag", "jour", "dia", "día", "日"),
}
"""Part of a date -> names of columns that hold it alone."""
MOST_COUNTRIES = 300
MOSTLY = 0.5
"""Share of numbers from which a column of text is one of numbers, and text in it an error."""


@dataclass(frozen=True, slots=True, eq=False)
class PanelColumns:
    """The parts of a table's columns; `raw` has the day in one column."""

    raw: RawTable
    time: str
    tenor: str | None
    entity: str | None
    values: dict[str, TypedColumn]  # the levels, by the table's own names
    notes: tuple[str, ...]
    assumed: tuple[Assumed, ...]


def panel_columns(raw: RawTable, section: PanelSection) -> PanelColumns:
    """The parts of the columns of a table of levels.

    Raises
    ------
    DataError
        No column holds days or numbers, or several could be the day or the country (the flag is shown).
    SettingError
        A named column is not there.
    """
    for name in section.ignore:
        named(raw, name)
    raw = replace(raw, frame=raw.frame.drop(section.ignore))
    raw, time, assumed = _time(raw, section)
    tenor = _tenor_column(raw, time)
    entity = named(raw, section.entity) if section.entity else None
    if entity is None and (entity := _country(raw, time, tenor)) is not None:
        assumed.append(Assumed("entity", entity, setting="collect.entity"))
    values, notes = {}, []
    for name in raw.frame.columns:
        if name in (time, entity, tenor) or raw.frame[name].null_count() == raw.frame.height:
            continue
        why = _no_level(raw, name)
        if why:
            notes.append(f"{shortened(name)}: {NO_LEVEL[why]}, left out")
            assumed.append(Assumed("ignored", why, name, "collect.ignore"))
            continue
        values[name] = numbers_of(raw, name)
    if not values:
        raise DataError(
            f"{raw.label} must hold a column of rates beside the day",
            came=f"its columns are {', '.join(shortened(name) for name in raw.frame.columns)}",
            do="Give at least one column of numbers",
        )
    found = [one for column in values.values() for one in column.assumed]
    said = [note for column in values.values() for note in column.notes]
    return PanelColumns(raw, time, tenor, entity, values, (*notes, *said), (*assumed, *found))


NO_LEVEL = {"text": "not numbers", "numbering": "it numbers the rows"}
"""Why a column holds no levels -> in words."""


def named(raw: RawTable, name: str) -> str:
    """A column that a setting names; `SettingError` where it is not there."""
    if name not in raw.frame.columns:
        raise SettingError(
            f"{raw.label} must have column '{name}'",
            came="it has not",
            do=nearest(name, raw.frame.columns).capitalize(),
        )
    return name


def time_column(raw: RawTable, section: PanelSection) -> tuple[RawTable, str]:
    """The table with its days in one column, and that column's name."""
    raw, time, _ = _time(raw, section)
    return raw, time


def _time(raw: RawTable, section: PanelSection) -> tuple[RawTable, str, list[Assumed]]:
    if section.time and section.time in raw.frame.columns:
        return raw, section.time, []
    found = [name for name in raw.frame.columns if looks_like_dates(raw.frame[name])]
    joined = None if found else _joined(raw)
    if joined is not None and section.time in (None, joined[1]):
        return *joined, [Assumed("time", joined[1])]
    if section.time:
        named(raw, section.time)
    if not found:
        raise DataError(
            f"{raw.label} must hold a column of days",
            came=f"none of {', '.join(shortened(name) for name in raw.frame.columns)} looks like days",
            do="Write days like 2020-03-05, or name the column with --time",
        )
    time = _likeliest(raw, found)
    return raw, time, [Assumed("time", time, setting="collect.time")]


def _likeliest(raw: RawTable, found: Sequence[str]) -> str:
    """Of several columns of days the one called so, or the only one that never repeats."""
    usual = [name for name in found if plain(name) in DATE_WORDS]
    once = [name for name in found if raw.frame[name].n_unique() == raw.frame.height]
    for chosen in (found, usual, once):
        if len(chosen) == 1:
            return chosen[0]
    raise DataError(
        f"{raw.label} must say which column is the day",
        came=f"{', '.join(shortened(name) for name in found)} hold days",
        do=f"Add {' or '.join(f'--time {quoted(name)}' for name in found[:3])}",
    )


def _joined(raw: RawTable) -> tuple[RawTable, str] | None:
    """Year, month and day of columns of their own as one column of days in front; None without them."""
    parts = {
        part: next((name for name in raw.frame.columns if plain(name) in words), None)
        for part, words in PARTS.items()
    }
    year, month, day = parts["year"], parts["month"], parts["day"]
    if year is None or month is None:
        return None
    columns = [year, month, *([day] if day else [])]
    words = [raw.frame[one].cast(pl.String).str.strip_chars().str.replace(r"\.0+$", "") for one in columns]
    written = words[0] + "-" + words[1].str.zfill(2)
    if day:
        written = written + "-" + words[2].str.zfill(2)
    name = "-".join(columns)
    frame = raw.frame.drop(columns).insert_column(0, written.alias(name))
    return replace(raw, frame=frame), name


def _tenor_column(raw: RawTable, time: str) -> str | None:
    for name in raw.frame.columns:
        if name.strip().lower() in TENOR_COLUMNS:
            return name
    for name in raw.frame.columns:
        series = raw.frame[name]
        if name != time and series.dtype == pl.String and series.null_count() == 0 and len(series):
            distinct = series.unique().to_list()
            if len(distinct) <= MOST_COUNTRIES and all(tenor_of(word) is not None for word in distinct):
                return name
    return None


def _country(raw: RawTable, time: str, tenor: str | None) -> str | None:
    """The column that tells rows of one day (and tenor) apart; None where days come once."""
    key = [time, *([tenor] if tenor else [])]
    frame = raw.frame.unique(maintain_order=True)
    if not frame.select(key).is_duplicated().any():
        return None
    found = [
        name
        for name in frame.columns
        if name not in key
        and frame[name].dtype == pl.String
        and 1 < frame[name].n_unique() <= MOST_COUNTRIES
        and frame[name].str.strip_chars().str.len_chars().min()
        and not looks_like_dates(frame[name])
        and not bool(read_numbers(frame[name]).is_number.any())
        and not frame.select(*key, name).is_duplicated().any()
    ]
    if len(found) > 1:
        raise DataError(
            f"{raw.label} must say which column tells its series apart",
            came=f"days come more than once, and each of {', '.join(map(shortened, found))} tells rows apart",
            do=f"Add {' or '.join(f'--entity {quoted(name)}' for name in found[:3])}",
        )
    return found[0] if found else None


def _no_level(raw: RawTable, name: str) -> str:
    """Why a column holds no levels, "" if it does."""
    series = raw.frame[name]
    if series.dtype.is_numeric():
        return "numbering" if _counts(series.cast(pl.Float64)) else ""
    if series.dtype != pl.String:
        return "text"
    words = number_words(series)
    filled = int((words.is_not_null() & ~is_absent(series)).sum())
    read = read_numbers(series, raw.decimal)
    if read.is_number.sum() <= MOSTLY * filled:
        return "text"
    return "numbering" if _counts(read.values) else ""


def _counts(values: pl.Series) -> bool:
    """Whether numbers go up by one from row to row."""
    return len(values) > 2 and values.null_count() == 0 and bool((values.diff().drop_nulls() == 1.0).all())
