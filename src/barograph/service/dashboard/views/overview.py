"""The first page: the five risks against their limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from barograph.core.late import late
from barograph.core.notes import in_language
from barograph.govern.alerts import AlertCount, Sought
from barograph.govern.limits import LimitRecord, Reading, newest_readings
from barograph.service import alerting, governing
from barograph.service.dashboard.lights import Light, lights_of
from barograph.service.dashboard.newest import first_of, newest_of
from barograph.service.dashboard.page import Page, Visit
from barograph.service.dashboard.tried import tried, words_of
from barograph.service.dashboard.usage import Level, Usage, last_of, usage_of, worst_of
from barograph.service.dashboard.words import called
from barograph.service.studies import Served
from barograph.service.watching import readings_of

RISKS = ("market", "credit", "operational", "rates", "fx")
"""The five, in the order in which they are shown; a study's name begins with its risk's."""
MOST = 12
"""Rows of figures of one study."""


async def overview(visit: Visit) -> dict[str, Any]:
    """Each risk: its studies with figures, limits, alerts and monitors; the worst of it is its light."""
    kept = visit.service.database is not None
    registered = (await governing.models(visit.service))["models"] if kept else []
    models = {one["id"]: one for one in registered}
    open_alerts = await alerting.counts(visit.service, Sought()) if kept else []
    studies = [await _study(visit, served, models, open_alerts) for served in visit.service.studies]
    used = await _usage(visit, [one["reading"] for one in studies]) if kept else []
    risks = [
        _risk(
            visit,
            risk,
            [one for one in studies if _of(one["study"]) == risk],
            [one for one in used if _of(one.limit.study) == risk],
            [one for one in open_alerts if _of(one.study) == risk],
        )
        for risk in RISKS
    ]
    waiting = sum(one["state"] == "proposed" for one in registered)
    return {"risks": risks, "served": len(studies), "kept": kept, "waiting": waiting}


def _of(study: str) -> str:
    return study.partition("/")[0]


async def _study(
    visit: Visit, served: Served, models: Mapping[str, Mapping[str, Any]], alerts: Sequence[AlertCount]
) -> dict[str, Any]:
    rows = await newest_of(visit.service, served)
    shown = first_of(rows)
    model = models.get(served.version)
    until = served.about.get("fitted_until", "")
    lights, wrong = await _lights(visit, served)
    return {
        "study": served.study,
        "question": in_language(str(served.about["question"]), visit.lang),
        "name": called("model", str(served.about["champion"]), visit.lang),
        "version": served.version,
        "verdict": served.about["verdict"],
        "fitted_until": max(until.values(), default="") if isinstance(until, dict) else until,
        "model": model,
        "due": "" if model is None else "hard" if model["expired"] else "ok",
        "lights": lights,
        "wrong": wrong,
        "alerts": sum(one.alerts for one in alerts if one.study == served.study),
        "figures": shown[:MOST],
        "more": max(0, len(shown) - MOST),
        "chart": await visit.service.apart(_chart, visit, shown[:MOST]),
        "reading": readings_of(served.study, rows),
    }


async def _usage(visit: Visit, forecast: Sequence[Sequence[Reading]]) -> list[Usage]:
    """Of each limit: against what was last held to it, or what the model says now where nothing was yet."""
    database = governing.kept(visit.service)
    standing = (await alerting.standing(visit.service))["limits"]
    kept = await visit.service.apart(newest_readings, database)
    last = [last_of(one) for one in kept]
    every = [*(one for group in forecast for one in group), *last]
    readings = list({(one.study, one.figure, one.entity): one for one in every}.values())
    return [usage_of(LimitRecord(**one), readings) for one in standing]


async def _lights(visit: Visit, served: Served) -> tuple[list[Light], str]:
    """What the monitors of a model say, as their own page has it; and why where that cannot be said."""
    if visit.service.database is None:
        return [], ""
    told, wrong = await tried(visit.service, alerting.monitored(visit.service, served.study))
    return ([] if told is None else lights_of(told, visit.lang)), words_of(wrong)


def _risk(
    visit: Visit,
    risk: str,
    studies: Sequence[Mapping[str, Any]],
    used: Sequence[Usage],
    alerts: Sequence[AlertCount],
) -> dict[str, Any]:
    lights: list[Level] = [one.level for one in used] + [
        light.level for one in studies for light in one["lights"]
    ]
    lights += ["hard" if one.severity == "hard" else "soft" for one in alerts]
    lights += ["soft" for one in studies if one["due"] == "hard"]
    level = worst_of(lights)
    known = (
        "dashboard_monitors.level.none"
        if studies and level == "none"
        else f"dashboard.overview.level.{level}"
    )
    shares = [one.share for one in used if one.share is not None]
    return {
        "key": risk,
        "name": visit.say(f"dashboard.risk.{risk}"),
        "level": level,
        "words": visit.say(known),
        "studies": studies,
        "limits": used,
        "used": max(shares, default=None),
        "hard": sum(one.alerts for one in alerts if one.severity == "hard"),
        "soft": sum(one.alerts for one in alerts if one.severity == "soft"),
    }


def _chart(visit: Visit, rows: Sequence[Mapping[str, Any]]) -> Any:
    """The intervals of the newest forecasts; None where there are none.

    Plotly's Python is loaded with the first figure: a service nobody looks at does not hold its 16 MiB.
    """
    drawn = [one for one in rows if None not in (one["low"], one["high"], one["middle"])]
    if len(drawn) < 2:
        return None
    charts = late("barograph.charts.intervals", need="a chart", install="Install plotly")
    value, lower, upper = (
        np.array([float(one[name]) for one in drawn]) for name in ("middle", "low", "high")
    )
    return charts.intervals(
        [one["name"] for one in drawn],
        value=value,
        lower=lower,
        upper=upper,
        groups={visit.say("dashboard.overview.interval"): range(len(drawn))},
        x_label="",
    )


PAGES = (Page("", "read", "overview.html.j2", "dashboard.overview.title", overview, menu=True, charts=True),)
