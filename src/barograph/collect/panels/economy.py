"""The packaged economy: money, prices, jobs, output and the bill rate of the United States, by quarter."""

from __future__ import annotations

import polars as pl

from barograph.collect.macro_samples import us_macro
from barograph.collect.panels.calendar import in_periods
from barograph.collect.panels.codes import coded
from barograph.collect.panels.narrowing import chosen_series, window
from barograph.collect.panels.snapshot import provenance_of
from barograph.core.errors import SettingError, unknown
from barograph.core.notes import noted
from barograph.core.panel_study import PanelSection
from barograph.core.panel_table import LevelPanel, PanelSnapshot

KEY = "us-macro"
LICENCE = noted("notes.source.macro_licence")
SERIES: dict[str, tuple[int, int, str]] = {
    "m1": (6, 1, "billions of dollars"),
    "cpi": (6, 1, "1982-84 = 100"),
    "unemployment": (2, 1, "percent"),
    "treasury_bill": (2, 0, "percent"),
    "real_gdp": (5, 1, "billions of 2005 dollars"),
}
"""Series -> FRED-MD transformation code, quarters until it is published, unit. The bill rate is a market's:
it is known when its quarter ends. The others come out during the next quarter."""
NOTES = (noted("notes.source.macro_revised"),)


def read_economy(section: PanelSection) -> PanelSnapshot:
    """The packaged series as a panel of quarters."""
    for name in section.codes:
        if name not in SERIES:
            raise unknown("collect.codes", name, SERIES)
    if section.frequency not in ("auto", "quarters"):
        raise SettingError(
            f"collect.frequency must be quarters for '{KEY}'",
            came=f"got {section.frequency}",
            do="Leave it out",
        )
    table = us_macro().rename({"date": "time"}).select("time", *SERIES)
    table = window(chosen_series(table, section, label=KEY), section, label=KEY)
    table, frequency, _ = in_periods(table, section, label=KEY)
    facts = tuple(
        coded(
            name,
            section.codes.get(name, SERIES[name][0]),
            delay=section.delays.get(name, SERIES[name][1]),
            unit=SERIES[name][2],
        )
        for name in table.columns
        if name != "time"
    )
    panel = LevelPanel(table.select("time", pl.exclude("time").cast(pl.Float64)), facts, frequency)
    told = provenance_of(panel, source=KEY, licence=LICENCE, notes=NOTES)
    request = PanelSection(
        source="request",
        kind="macro",
        frequency=frequency,
        codes={name: code for name, (code, _, _) in SERIES.items()},
        delays={one.name: one.delay for one in facts},
    )
    return PanelSnapshot(panel, told, request)
