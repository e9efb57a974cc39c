"""Monitors: the lights of all studies, and of one study everything that they say."""

from __future__ import annotations

from typing import Any

from barograph.service import alerting, asking
from barograph.service.dashboard.lights import LEVELS, lights_of, worst_of
from barograph.service.dashboard.page import Page, Visit
from barograph.service.dashboard.tables import table
from barograph.service.dashboard.tried import tried
from barograph.service.dashboard.views import charted
from barograph.service.dashboard.views.studies import exceptions

KEYS = ("drift", "exceptions", "calibration", "ranking", "alerts")
DRIFT = ("name", "band", "index", "noise", "records", "worst", "share_then", "share_now")


async def monitors(visit: Visit) -> dict[str, Any]:
    """A row of lights for each study, the worst first."""
    if visit.service.database is None:
        return {"kept": False, "rows": [], "keys": KEYS}
    rows = []
    for one in (await asking.studies(visit.service))["studies"]:
        told, _ = await tried(
            visit.service, alerting.monitored(visit.service, one["study"])
        )  # away: nothing is known
        lights = [] if told is None else lights_of(told, visit.lang)
        by_key = {light.key: light for light in lights}
        rows.append(
            {"study": one["study"], "worst": worst_of(lights), "lights": [by_key.get(key) for key in KEYS]}
        )
    rows.sort(key=lambda row: (LEVELS.index(row["worst"]), row["study"]))
    return {"kept": True, "rows": rows, "keys": KEYS}


async def of_study(visit: Visit) -> dict[str, Any]:
    """Drift, calibration, discrimination, exceptions and alerts of one study."""
    name, apart = visit.names["study"], visit.service.apart
    about = await asking.study(visit.service, name)
    told = await alerting.monitored(visit.service, name)
    drifted = [
        {**one, "name": one["name"] or visit.say("dashboard_monitors.own_figure"),
         "band": visit.say(f"dashboard_monitors.band.{one['band']}"),
         "worst": _worst(one["worst"], visit)}
        for one in told["drift"]
    ]  # fmt: skip
    return {
        "about": about,
        "live": name,
        "told": told,
        "lights": lights_of(told, visit.lang),
        "distribution": await apart(charted.distribution, told, visit),
        "drift": await apart(charted.drift, told, visit),
        "drifted": table(drifted, visit.lang, keep=DRIFT, shares=("share_",)),
        "calibration": await apart(charted.calibration, told, visit),
        "alerts": await apart(charted.alert_charts, told, visit),
        "exceptions": await exceptions(visit, name, told),
    }


def _worst(cell: str, visit: Visit) -> str:
    return visit.say(f"dashboard_monitors.cell.{cell}") if cell in ("missing", "other") else cell


PAGES = (
    Page("/monitors", "read", "monitors.html.j2", "dashboard_monitors.title", monitors, menu=True),
    Page(
        "/studies/{study:path}/monitors",
        "read",
        "monitors_of.html.j2",
        "dashboard_monitors.of_title",
        of_study,
        under="/monitors",
        charts=True,
    ),
)
