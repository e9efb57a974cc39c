"""New rows of a panel that a bundle knows: read as training was, put behind the history."""

from __future__ import annotations

import numpy as np
import polars as pl

from barograph.collect.panels.calendar import LONGEST_GAP, MONTHS, last_of
from barograph.collect.panels.own import wide_table
from barograph.collect.panels.tenors import tenor_of
from barograph.collect.panels.units import as_decimals
from barograph.collect.raw import RawTable
from barograph.core.errors import DataError
from barograph.core.panel_study import PanelSection
from barograph.core.panel_table import LevelPanel


def new_rows(raw: RawTable, request: PanelSection, panel: LevelPanel) -> pl.DataFrame:
    """`time` and every series of the panel, null where the table does not hold it.

    A column is found by its name, or by the tenor that its name says.

    Raises
    ------
    DataError
        The table is not usable, or holds none of the series.
    """
    table = wide_table(raw, request).table
    if request.kind == "curve":
        table, _, _ = as_decimals(table, request, signs=False)
    found = {name: own for name in panel.names if (own := _own(name, table.columns[1:])) is not None}
    if not found:
        raise DataError(
            f"{raw.label} must hold at least one series that the bundle knows",
            came=f"it holds {', '.join(table.columns[1:])}",
            do=f"Name them {', '.join(panel.names)}",
        )
    columns = [
        pl.col(found[name]).alias(name) if name in found else pl.lit(None, dtype=pl.Float64).alias(name)
        for name in panel.names
    ]
    rows = table.select("time", *columns).filter(pl.any_horizontal(pl.col(*panel.names).is_not_null()))
    if rows.is_empty():
        raise DataError(f"{raw.label} must hold values", came="every cell is empty", do="Give new values")
    return rows if panel.frequency == "days" else last_of(rows, MONTHS[panel.frequency])


def behind(panel: LevelPanel, rows: pl.DataFrame) -> LevelPanel:
    """The panel's rows before the new ones, then the new ones.

    Raises
    ------
    DataError
        There is a hole between them.
    """
    first = rows["time"].item(0)
    kept = panel.table.filter(pl.col("time") < first)
    if kept.is_empty():
        return LevelPanel(rows, panel.series, panel.frequency)
    last = kept["time"].item(-1)
    if panel.frequency == "days":
        hole = (first - last).days > LONGEST_GAP
    else:
        periods = np.array([last, first], dtype="datetime64[M]").astype(np.int64)
        hole = int(periods[1] - periods[0]) > MONTHS[panel.frequency]
    if hole:
        raise DataError(
            f"new rows must follow on the newest known day {last}",
            came=f"they begin on {first}",
            do=f"Send the {panel.frequency} in between too",
        )
    return LevelPanel(pl.concat([kept, rows]), panel.series, panel.frequency)


def _own(name: str, columns: list[str]) -> str | None:
    """The column of a table that holds a series."""
    if name in columns:
        return name
    group, _, plain = name.rpartition(":")
    tenor = tenor_of(plain)
    for column in columns:
        own_group, _, own = column.rpartition(":")
        if tenor is not None and own_group == group and tenor_of(own) == tenor:
            return column
    return None
