"""Newest forecasts as charts and tables, whatever kind of series they are of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go

from barograph.charts import amounts, fan
from barograph.core.texts import text
from barograph.service.dashboard.tables import SHARES, Table, table

INTERVALS = ((0.005, 0.995), (0.025, 0.975), (0.05, 0.95), (0.25, 0.75))
"""Levels of the intervals that a fan shows, those that there are."""
SHOWN = 3
"""Intervals of a fan at most."""
PRICES = ("entity", "time", "horizon", "price", "volatility", "var_99", "es_99", "var_97.5", "es_97.5")
PANELS = ("series", "origin", "horizon", "last", "forecast", "q_0.05", "q_0.95")
LEVELS = ("origin", "period", "horizon", "last_known", "mean", "q_0.05", "q_0.95")
FALLS = ("entity", "time", "probability", "fall", "within", "alarm", "garch_implied", "climatology")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a page shows of the newest forecasts."""

    table: Table
    chart: go.Figure | None = None
    caption: str = ""
    of: str = ""  # the entity or series that the chart is of
    others: Sequence[str] = field(default_factory=list)  # those it could be of


def forecast_of(answers: Sequence[Mapping[str, Any]], wanted: str, lang: str) -> Forecast:
    """Forecasts (of `looking.newest`) as a chart of one entity and a table of all."""
    if not answers:
        return Forecast(table([], lang))
    first = answers[0]
    if "price" in first:
        return _prices(answers, wanted, lang)
    if "series" in first:
        return _panels(answers, wanted, lang)
    if "period" in first:
        return _levels(answers, lang)
    if "fall" in first:
        return _falls(answers, lang)
    return Forecast(table(answers, lang))


def _prices(answers: Sequence[Mapping[str, Any]], wanted: str, lang: str) -> Forecast:
    name, names, rows = _one(answers, "entity", wanted)
    day, price = np.datetime64(rows[0]["time"]), float(rows[0]["price"])
    days = np.array([np.busday_offset(day, row["horizon"], roll="forward") for row in rows])
    ends = {
        level: np.array([price * np.exp(row[f"q_{level:g}"]) for row in rows])
        for level in _levels_of(rows[0])
    }
    chart = _fan(ends, days, (day, price), text("dashboard_risk.price", lang), lang)
    caption = text("dashboard_risk.fan_prices", lang, name=name, day=day)
    return Forecast(table(answers, lang, keep=PRICES, shares=SHARES), chart, caption, name, names)


def _panels(answers: Sequence[Mapping[str, Any]], wanted: str, lang: str) -> Forecast:
    name, names, rows = _one(answers, "series", wanted)
    origin = np.datetime64(rows[0]["origin"], "M")
    days = np.array([(origin + row["horizon"]).astype("datetime64[D]") for row in rows])
    ends = {level: np.array([row[f"q_{level:g}"] for row in rows]) for level in _levels_of(rows[0])}
    last = float(rows[0]["last"])
    chart = _fan(ends, days, (origin.astype("datetime64[D]"), last), name, lang)
    caption = text("dashboard_risk.fan_panels", lang, name=name, day=rows[0]["origin"])
    return Forecast(table(answers, lang, keep=PANELS), chart, caption, name, names)


def _levels(answers: Sequence[Mapping[str, Any]], lang: str) -> Forecast:
    rows = [row for row in answers if row["last_known"] is not None]
    shown = table(answers, lang, keep=LEVELS)
    if not rows:
        return Forecast(shown)
    days = np.array([np.datetime64(row["period"]) for row in rows])
    ends = {level: np.array([row[f"q_{level:g}"] for row in rows]) for level in _levels_of(rows[0])}
    start = days[0] - np.timedelta64(
        max(28, int((days[-1] - days[0]).astype(int)) // max(1, len(rows) - 1)), "D"
    )
    axis = text("dashboard_risk.level", lang)
    chart = _fan(ends, days, (start, float(rows[0]["last_known"])), axis, lang)
    return Forecast(shown, chart, text("dashboard_risk.fan_levels", lang, day=rows[0]["origin"]))


def _falls(answers: Sequence[Mapping[str, Any]], lang: str) -> Forecast:
    rows = sorted(answers, key=lambda row: -(row["probability"] or 0.0))
    values = np.array([np.nan if row["probability"] is None else row["probability"] for row in rows])
    chart = amounts(
        [row["entity"] for row in rows], values, x_label=text("dashboard_risk.column.probability", lang),
        x_format=".1%",
    )  # fmt: skip
    said = {"fall": f"{100.0 * rows[0]['fall']:g}", "within": rows[0]["within"]}
    caption = text("dashboard_risk.bars_falls", lang, **said)
    return Forecast(
        table(rows, lang, keep=FALLS, shares=("probability", "fall", "garch", "clim")), chart, caption
    )


def _one(
    answers: Sequence[Mapping[str, Any]], column: str, wanted: str
) -> tuple[str, list[str], list[Mapping[str, Any]]]:
    """The entity wanted, or the first; all there are; its rows by horizon."""
    names = list(dict.fromkeys(str(row[column]) for row in answers))
    name = wanted if wanted in names else names[0]
    rows = [row for row in answers if str(row[column]) == name]
    return name, names, sorted(rows, key=lambda row: int(row["horizon"]))


def _levels_of(row: Mapping[str, Any]) -> list[float]:
    return [float(name[2:]) for name in row if name.startswith("q_")]


def _fan(
    ends: Mapping[float, Any], days: Any, origin: tuple[np.datetime64, float], y_label: str, lang: str
) -> go.Figure:
    pairs = [pair for pair in INTERVALS if pair[0] in ends and pair[1] in ends]
    kept = pairs if len(pairs) <= SHOWN else [pairs[0], *pairs[-(SHOWN - 1) :]]
    intervals = {
        text("dashboard_risk.interval", lang, share=f"{100.0 * (high - low):g}"): (ends[low], ends[high])
        for low, high in kept
    }
    return fan(
        days,
        ends[0.5],
        intervals=intervals,
        origin=origin,
        origin_name=text("dashboard_risk.known", lang),
        centre_name=text("dashboard_risk.median", lang),
        y_label=y_label,
    )
