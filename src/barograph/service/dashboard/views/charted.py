"""Charts of what monitors say, which several pages show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from barograph import charts
from barograph.service.dashboard.numbers import figure
from barograph.service.dashboard.page import Visit

DRIFTED = 15
"""Inputs shown, those that moved most."""
BOUNDS = {"watch": 0.1, "shifted": 0.25}
"""PSI from which a population is watched, and from which it has shifted (`measures.credit.stability`)."""
Shown = dict[str, Any]


def distribution(told: Mapping[str, Any], visit: Visit) -> Shown | None:
    """Where the model's own figure lies, in training and now."""
    cells = [one for one in told["figure"] if one["then"] > 0.0 or one["now"] > 0.0]
    if not cells:
        return None
    chart = charts.then_and_now(
        [_cell(one, visit) for one in cells],
        np.array([one["then"] for one in cells]),
        np.array([one["now"] for one in cells]),
        then_name=visit.say("dashboard_monitors.then"),
        now_name=visit.say("dashboard_monitors.now"),
        x_label=visit.say("dashboard_monitors.figure_axis"),
    )
    return {"chart": chart, "caption": visit.say("dashboard_monitors.figure_caption")}


def drift(told: Mapping[str, Any], visit: Visit) -> Shown | None:
    """PSI of each input, the most moved first."""
    rows = told["drift"][:DRIFTED]
    if not rows:
        return None
    own = visit.say("dashboard_monitors.own_figure")
    chart = charts.amounts(
        [one["name"] or own for one in rows],
        np.array([one["index"] for one in rows]),
        x_label=visit.say("dashboard_monitors.psi"),
        limits={visit.say(f"dashboard_monitors.{name}"): place for name, place in BOUNDS.items()},
    )
    return {"chart": chart, "caption": visit.say("dashboard_monitors.drift_caption")}


def calibration(told: Mapping[str, Any], visit: Visit) -> list[Shown]:
    """Figures against labels: by month, and by the figure itself once there are enough."""
    by_month, by_figure = (told["calibration"][name] for name in ("by_month", "by_figure"))
    found: list[Shown] = []
    if by_month:
        chart = charts.by_block(
            [one["name"] for one in by_month],
            lines={visit.say("dashboard_monitors.expected"): np.array([one["expected"] for one in by_month])},
            y_label=visit.say("dashboard_monitors.share_bad"),
            y_format=".1%",
            bars=np.array([one["observed"] for one in by_month]),
            bars_name=visit.say("dashboard_monitors.observed"),
            from_zero=True,
        )
        found.append({"chart": chart, "caption": visit.say("dashboard_monitors.by_month_caption")})
    if by_figure:
        name = visit.say("dashboard_monitors.figures")
        ends = {name: tuple(np.array([one[end] for one in by_figure]) for end in ("low", "high"))}
        chart = charts.reliability(
            {
                name: (
                    np.array([one["expected"] for one in by_figure]),
                    np.array([one["observed"] for one in by_figure]),
                )
            },
            x_label=visit.say("dashboard_monitors.expected"),
            y_label=visit.say("dashboard_monitors.observed"),
            ideal_name=visit.say("dashboard_monitors.ideal"),
            intervals={key: (low, high) for key, (low, high) in ends.items()},
        )
        found.append({"chart": chart, "caption": visit.say("dashboard_monitors.by_figure_caption")})
    return found


def alert_charts(told: Mapping[str, Any], visit: Visit) -> Shown | None:
    """Alerts by month and what they turned out to be."""
    months = told["alerts_by_month"]
    if not months:
        return None
    parts = {
        visit.say(f"dashboard_alerts.came.{name}"): [one[name] for one in months]
        for name in ("fraud", "false_alarm", "other", "open")
    }
    y_label = visit.say("dashboard_monitors.alerts_axis")
    chart = charts.stacked([one["month"] for one in months], parts, y_label=y_label)
    return {"chart": chart, "caption": visit.say("dashboard_monitors.alerts_caption")}


def _cell(one: Mapping[str, Any], visit: Visit) -> str:
    if one["name"] in ("missing", "other"):
        return visit.say(f"dashboard_monitors.cell.{one['name']}")
    if one["low"] is None and one["high"] is None:
        return str(one["name"])
    if one["low"] is None:
        return f"< {figure(one['high'], 2)}"
    if one["high"] is None:
        return f"≥ {figure(one['low'], 2)}"
    return f"{figure(one['low'], 2)}–{figure(one['high'], 2)}"
