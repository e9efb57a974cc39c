"""The packaged curve: par yields of the United States Treasury, by day or by month."""

from __future__ import annotations

import polars as pl

from barograph.collect.macro_samples import treasury_par_curve
from barograph.collect.panels.calendar import in_periods
from barograph.collect.panels.narrowing import chosen_series, window
from barograph.collect.panels.snapshot import provenance_of
from barograph.collect.panels.tenors import tenor_of
from barograph.core.notes import noted
from barograph.core.panel_study import PanelSection
from barograph.core.panel_table import LevelPanel, PanelSnapshot, SeriesFact

LICENCE = noted("notes.source.treasury_licence")
KEY = "us-treasury"
CURRENCY = "USD"
NOTES = (
    noted("notes.source.par_yields"),
    noted("notes.source.tenors"),
)


def read_treasury(section: PanelSection) -> PanelSnapshot:
    """The packaged curve as a panel; yields as decimals a year."""
    table = treasury_par_curve().rename({"date": "time"})
    table = table.with_columns(pl.exclude("time") / 100.0)
    table = window(chosen_series(table, section, label=KEY), section, label=KEY)
    table, frequency, notes = in_periods(table, section, label=KEY)
    series = tuple(
        SeriesFact(name, tenor=tenor_of(name), unit="rate") for name in table.columns if name != "time"
    )
    panel = LevelPanel(table, series, frequency)
    told = provenance_of(panel, source=KEY, licence=LICENCE, notes=(*NOTES, *notes))
    request = PanelSection(source="request", frequency=frequency, unit="percent")
    return PanelSnapshot(panel, told, request)
