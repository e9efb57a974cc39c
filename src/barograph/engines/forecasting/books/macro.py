"""The forecasting engine, answer side: macro series after a scenario's shock to them. Never torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from barograph.core.errors import DataError, nearest
from barograph.core.notes import noted
from barograph.core.panel_table import LevelPanel
from barograph.core.scenario import Scenario
from barograph.engines.forecasting.panels.answer import PanelPredictor, table
from barograph.prepare.panels import build_panel


def assess_macro(predictor: PanelPredictor, scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """What the bundle would forecast had its series come out by so much differently in the newest period.

    A shock is added to the newest published value of its series; the forecast from there is the champion's,
    shock and all: it tells how much of the shock the model takes to stay, and what it moves along.

    Parameters
    ----------
    predictor : PanelPredictor
        Of a study of macro series.
    scenarios : sequence of Scenario
        Their `macro` part, in the series' own units.

    Returns
    -------
    dict
        JSON-ready: ``study``, ``champion``, ``day``, and ``after_shock``: per scenario, series and horizon
        (periods) the shock, the forecast without and with it, and what the shock does to it; ``notes``.

    Raises
    ------
    DataError
        A scenario names no series of the bundle.
    """
    known = predictor.panel.names
    for scenario in scenarios:
        if not set(scenario.macro) & set(known):
            wanted = next(iter(scenario.macro), "nothing")
            hint = nearest(wanted, known)
            raise DataError(
                f"the macro part of '{scenario.name}' must name a series of the bundle",
                came=f"got {wanted}",
                do=hint[:1].upper() + hint[1:],
            )
    before = predictor.forecast()
    return {
        "study": predictor.manifest.study,
        "champion": predictor.manifest.champion,
        "day": str(predictor.panel.table["time"].item(-1)),
        "after_shock": [row for scenario in scenarios for row in _rows(predictor, scenario, before)],
        "notes": [
            noted("notes.book.unknown_series", name=scenario.name, series=series)
            for scenario in scenarios
            for series in scenario.macro
            if series not in known
        ],
    }


def _rows(predictor: PanelPredictor, scenario: Scenario, before: pl.DataFrame) -> list[dict[str, Any]]:
    samples = build_panel(shocked(predictor.panel, scenario), predictor.parts.prepare)
    after = table(predictor.parts, samples, np.array([samples.time.size - 1]))
    both = before.join(after, on=["series", "horizon"], suffix="_shocked", maintain_order="left")
    return [
        {
            "scenario": scenario.name,
            "series": row["series"],
            "horizon": row["horizon"],
            "shock": scenario.macro.get(row["series"], 0.0),
            "forecast": row["forecast"],
            "forecast_shocked": row["forecast_shocked"],
            "shock_effect": row["forecast_shocked"] - row["forecast"],
        }
        for row in both.iter_rows(named=True)
    ]


def shocked(panel: LevelPanel, scenario: Scenario) -> LevelPanel:
    """The panel with each shock added to the newest published value of its series."""
    moved = panel.table
    for one in panel.series:
        if one.name not in scenario.macro:
            continue
        values = moved[one.name].to_list()
        published = moved[one.name].head(len(values) - one.delay)
        newest = int(published.is_not_null().arg_true()[-1])
        values[newest] = float(values[newest]) + scenario.macro[one.name]
        moved = moved.with_columns(pl.Series(one.name, values, dtype=pl.Float64))
    return LevelPanel(moved, panel.series, panel.frequency)
