"""A user's macro series: a day and a column per series, with or without FRED-MD's row of codes."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from barograph.collect.panels.calendar import in_periods
from barograph.collect.panels.codes import coded, usual_code
from barograph.collect.panels.narrowing import chosen_series, window
from barograph.collect.panels.own import (
    LICENCE,
    REQUEST,
    check_named,
    day_order,
    periods_assumed,
    wide_table,
    worth_forecasting,
)
from barograph.collect.panels.snapshot import provenance_of
from barograph.collect.raw import RawTable
from barograph.collect.records.rows import kept
from barograph.collect.violation import shortened
from barograph.core.errors import DataError
from barograph.core.notes import noted
from barograph.core.panel_study import PanelSection
from barograph.core.panel_table import LevelPanel, PanelSnapshot

TRANSFORM = "transform"
USUAL_DELAY = 1
"""Periods after its own until a series is published, where `collect.delays` does not say: what happened in a
month is published during the next one."""


def own_macro(raw: RawTable, section: PanelSection) -> PanelSnapshot:
    """The panel of a user's table of macro series, with its provenance.

    Raises
    ------
    DataError
        The table, a column or a day is not usable.
    SettingError
        The section does not fit the table.
    """
    raw, written = without_codes(raw, section)
    wide = wide_table(raw, section)
    table, notes = wide.table, wide.notes
    table = window(chosen_series(table, section, label=raw.label), section, label=raw.label)
    table, frequency, done = in_periods(table, section, label=raw.label)
    table, dropped = worth_forecasting(table, raw.label)
    check_named("collect.delays", section.delays, table, raw.label)
    check_named("collect.codes", section.codes, table, raw.label)
    names = table.columns[1:]
    codes = {name: section.codes.get(name, written.get(name, usual_code(table[name]))) for name in names}
    delays = {name: section.delays.get(name, USUAL_DELAY) for name in names}
    assumed = [name for name in names if name not in section.codes and name not in written]
    said = [noted("notes.reading.code_assumed", name=name, code=codes[name]) for name in assumed[:10]]
    lagged = sum(name not in section.delays for name in names)
    if lagged:
        said.append(noted("notes.reading.delay_assumed", n=lagged, why=noted(f"notes.unit.{frequency}")))
    facts = tuple(coded(name, codes[name], delay=delays[name]) for name in names)
    panel = LevelPanel(table, facts, frequency)
    told = provenance_of(
        panel, source=raw.label, licence=LICENCE, notes=(*raw.notes, *notes, *done, *dropped, *said)
    )
    told = replace(told, assumed=(*wide.assumed, *periods_assumed(section, frequency)))
    read_as = {
        "entity": wide.entity,
        "frequency": frequency,
        "day_order": day_order(raw, section),
        "codes": codes,
        "delays": delays,
    }
    request = section.model_copy(update={**REQUEST, **read_as})
    return PanelSnapshot(panel, told, request)


def without_codes(raw: RawTable, section: PanelSection) -> tuple[RawTable, dict[str, int]]:
    """A table without FRED-MD's row of codes, and the codes: the row whose day is 'Transform:'."""
    name = section.time or (raw.frame.columns[0] if raw.frame.columns else "")
    if name not in raw.frame.columns or raw.frame[name].dtype != pl.String:
        return raw, {}
    marked = raw.frame[name].str.strip_chars().str.to_lowercase().str.starts_with(TRANSFORM).fill_null(False)
    if not marked.any():
        return raw, {}
    row = raw.frame.row(int(marked.arg_true().item(0)), named=True)
    found = {column: _code(column, value, raw.label) for column, value in row.items() if column != name}
    rest = kept(raw, (~marked).arg_true())
    return rest, {column.strip(): code for column, code in found.items() if code is not None}


def _code(column: str, value: object, label: str) -> int | None:
    words = str(value).strip() if value is not None else ""
    if not words:
        return None
    try:
        number = float(words)
    except ValueError:
        number = -1.0
    if number not in range(1, 8):
        raise DataError(
            f"the row of transformation codes of {label} must hold 1 to 7",
            came=f"'{shortened(column)}' has '{shortened(words)}'",
            do="Correct it, or leave the row out and set collect.codes",
        )
    return int(number)
