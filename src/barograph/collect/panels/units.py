"""Percent or decimals? Decided by size, and said."""

from __future__ import annotations

import polars as pl

from barograph.core.errors import DataError
from barograph.core.notes import noted
from barograph.core.panel_study import PanelSection

SURELY_PERCENT = 1.0
"""A largest rate of 1 or more is read as percent: as a decimal it would be 100 % a year."""
RATHER_DECIMAL = 0.3
"""A largest rate below this is read as a decimal: as percent no rate would reach 0.3 %."""
ABSURD = 2.0
"""A rate of more than 200 % a year is no rate."""


def as_decimals(
    table: pl.DataFrame, section: PanelSection, *, signs: bool
) -> tuple[pl.DataFrame, str, tuple[str, ...]]:
    """Rates as decimals, the unit they were read in, and what was assumed.

    Parameters
    ----------
    table : polars.DataFrame
        `time`, then rates.
    section : PanelSection
        `unit` percent or decimal is taken; `auto` looks at the largest rate.
    signs : bool
        Whether percent signs were written.
    """
    names = [name for name in table.columns if name != "time"]
    sizes = [float(top) for name in names if isinstance(top := table[name].abs().max(), int | float)]
    largest = max(sizes, default=0.0)
    unit, notes = _unit(section, largest, signs=signs)
    factor = 0.01 if unit == "percent" else 1.0
    if largest * factor > ABSURD:
        raise DataError(
            f"rates must lie within ± {ABSURD:.0%} a year",
            came=f"the largest is {largest:g}, read as {unit}",
            do="Correct it, set collect.unit, or leave columns that are no rates out (collect.series)",
        )
    return table.with_columns(pl.col(names) * factor), unit, notes


def _unit(section: PanelSection, largest: float, *, signs: bool) -> tuple[str, tuple[str, ...]]:
    if section.unit != "auto":
        return section.unit, ()
    if signs or largest >= SURELY_PERCENT:
        return "percent", (noted("notes.reading.percent_a_year"),)
    if largest < RATHER_DECIMAL:
        return "decimal", (
            noted("notes.reading.as_decimals", largest=largest, decimals=largest, percent=largest),
        )
    return "percent", (noted("notes.reading.as_percent", largest=largest, decimals=largest),)
