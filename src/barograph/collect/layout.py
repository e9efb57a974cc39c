"""Finds out which column is what, and turns a raw table of any of three layouts into a long one.

- long: entity, time, close and any other price columns, one row per series and day;
- one series: the same without an entity column;
- wide: a date column and one column of prices per series.

A column named in the study is taken; the others are found by their usual names, whatever the case. What was
assumed is noted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from barograph.collect.columns import CANONICAL, USUAL_NAMES, misspelt, plain
from barograph.collect.contract import missing_columns
from barograph.collect.raw import NAMELESS, RawTable, nameless
from barograph.collect.values import blank, text
from barograph.collect.violation import refusal
from barograph.core.errors import DataError, nearest, unknown
from barograph.core.notes import noted
from barograph.core.records import PRICE_COLUMNS

INDEX = "__index_level_0__"  # the name Arrow gives to a nameless pandas index


@dataclass(frozen=True, slots=True, eq=False)
class LongTable:
    """A raw table in the long layout, its values untouched."""

    table: pl.DataFrame  # row, entity, time and price columns
    names: Mapping[str, str]  # canonical name -> the raw table's own
    notes: tuple[str, ...]


def long_table(raw: RawTable, columns: Mapping[str, str], *, entity: str) -> LongTable:
    """The raw table in the long layout; raises `DataError` where no date or price column can be found.

    Parameters
    ----------
    raw : RawTable
        As read.
    columns : mapping
        Canonical name -> the raw table's own, for columns that need not be looked for.
    entity : str
        The name of the series where the table does not give one.
    """
    chosen = _chosen(raw, columns)
    if "time" in chosen and _is_wide(raw, chosen):
        return _from_wide(raw, chosen["time"])
    found = tuple(chosen) if "entity" in chosen else ("entity", *chosen)
    missing = missing_columns((*found, *_unused(raw, chosen)))
    if missing:
        raise refusal(missing, label=raw.label, place=raw.place, names={})
    table = raw.frame.select(pl.col(own).alias(name) for name, own in chosen.items())
    if "entity" not in chosen:
        table = table.with_columns(entity=pl.lit(entity))
    table = _without_empty_panel_columns(table, tuple(raw.frame.columns))
    notes = [*_renamed(chosen, columns), *_ignored(raw, chosen)]
    if "entity" not in chosen:
        notes.append(noted("notes.reading.no_entity", entity=entity))
    return LongTable(table.with_columns(raw.numbers.alias("row")), chosen, tuple(notes))


def _chosen(raw: RawTable, columns: Mapping[str, str]) -> dict[str, str]:
    """Canonical name -> own name, for what the study names and what is found by its usual name."""
    own = raw.frame.columns
    chosen: dict[str, str] = {}
    for name, wanted in columns.items():
        if name not in CANONICAL:
            raise unknown("a key of collect.columns", name, CANONICAL)
        match = wanted if wanted in own else next((c for c in own if plain(c) == plain(wanted)), None)
        if match is None:
            came = f"there is no column '{wanted}'"
            raise DataError(
                f"{raw.label} must have the column named for {name}", came=came, do=_hint(wanted, own)
            )
        chosen[name] = match
    for name in CANONICAL:
        free = [c for c in own if c not in chosen.values()]
        by_plain = {plain(c): c for c in reversed(free)}
        usual = next((by_plain[u] for u in USUAL_NAMES[name] if u in by_plain), None)
        if name not in chosen and usual is not None:
            chosen[name] = usual
    if "time" not in chosen:
        index = next((c for c in own if c in (INDEX, nameless(1))), None)
        chosen |= {"time": index} if index is not None else {}
    return chosen


def _hint(word: str, known: list[str]) -> str:
    hint = nearest(word, known)
    return hint[0].upper() + hint[1:]


def _unused(raw: RawTable, chosen: Mapping[str, str]) -> list[str]:
    taken = set(chosen.values())
    return [c for c in raw.frame.columns if c not in taken and c != INDEX and not c.startswith(NAMELESS)]


def _is_wide(raw: RawTable, chosen: Mapping[str, str]) -> bool:
    """No close, no entity, no misspelt price column; at most one series called like a price column."""
    if "close" in chosen or "entity" in chosen:
        return False
    unused = _unused(raw, chosen)
    called_like_prices = len(chosen) - 1
    few = called_like_prices == 0 or (called_like_prices == 1 and len(unused) > 1)
    return bool(unused) and few and not misspelt(unused)


def _from_wide(raw: RawTable, time: str) -> LongTable:
    """One row per filled cell. A blank cell is a day without trading; an empty column is kept and refused."""
    parts, dropped = [], 0
    series = _unused(raw, {"time": time})
    plain_numbers = all(raw.frame[name].dtype.is_numeric() for name in series)
    for name in series:
        cells = raw.frame[name].cast(pl.Float64) if plain_numbers else text(raw.frame[name])
        empty = blank(cells)
        filled = ~empty if not empty.all() else pl.Series([True] * len(cells), dtype=pl.Boolean)
        dropped += len(cells) - int(filled.sum())
        columns = {"row": raw.numbers, "entity": [name] * len(cells), "time": raw.frame[time], "close": cells}
        parts.append(pl.DataFrame(columns).filter(filled))
    notes = [noted("notes.reading.wide", n=len(series))]
    if dropped:
        notes.append(noted("notes.reading.blank_days", n=dropped))
    return LongTable(pl.concat(parts), {"time": time}, tuple(notes))


def _without_empty_panel_columns(table: pl.DataFrame, own: tuple[str, ...]) -> pl.DataFrame:
    """In our own layout, all seven columns, an empty optional column means that no series carries it."""
    if set(own) != set(CANONICAL):
        return table
    optional = [c for c in PRICE_COLUMNS if c != "close"]
    return table.drop([c for c in optional if bool(blank(table[c]).all())])


def _renamed(chosen: Mapping[str, str], columns: Mapping[str, str]) -> list[str]:
    assumed = {n: own for n, own in chosen.items() if n not in columns and own.lower() != n}
    return [noted("notes.reading.renamed", column=own, part=name) for name, own in assumed.items()]


def _ignored(raw: RawTable, chosen: Mapping[str, str]) -> list[str]:
    unused = _unused(raw, chosen)
    return [noted("notes.reading.unused", columns=", ".join(unused))] if unused else []
