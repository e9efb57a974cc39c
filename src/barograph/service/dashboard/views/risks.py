"""A risk's inventory: what is exposed and what drives it, how much, whether the models hold, what is done."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from barograph.govern.alerts import Sought
from barograph.service import alerting, asking, looking
from barograph.service.dashboard.forecasts import forecast_of
from barograph.service.dashboard.lights import lights_of, worst_of
from barograph.service.dashboard.page import Page, Visit
from barograph.service.dashboard.tables import Table, table
from barograph.service.dashboard.tried import tried, words_of
from barograph.service.dashboard.views.limits import limit_rows
from barograph.service.dashboard.views.overview import RISKS
from barograph.service.dashboard.views.scenarios import SHARES
from barograph.service.paging import Paging
from barograph.service.problems import missing

DRIVERS, ODD = 5, 5
"""Drivers and anomalies that are named."""
EXPOSURES = ("positions", "holdings", "instruments", "grades")
"""Tables of a book's figures that say what is exposed; a book has one of them."""
ALERTS = 200
"""Open alerts of a study that are shown, the hard and the oldest first; the page Alerts has them all."""


async def risk(visit: Visit) -> dict[str, Any]:
    """The studies of a risk under the four headings: identify, assess, monitor, control."""
    wanted = visit.names["risk"]
    if wanted not in RISKS:
        raise missing("risk", wanted, list(RISKS))
    found = (await asking.studies(visit.service))["studies"]
    mine = [one for one in found if one["study"].partition("/")[0] == wanted]
    studies = [await _study(visit, one) for one in mine]
    control: dict[str, Any] = {"limits": [], "alerts": [], "more_alerts": []}
    if visit.service.database is not None:
        names = {one["study"] for one in mine}
        for study in sorted(names):
            page = await alerting.sought(visit.service, Sought(study), Paging(ALERTS))
            control["alerts"] += page["alerts"]
            control["more_alerts"] += [study] if page["next"] else []
        standing = await alerting.standing(visit.service)
        control["limits"] = [row for row in limit_rows(standing, visit) if row["used"].limit.study in names]
    name = visit.say(f"dashboard.risk.{wanted}")
    return {
        "risk": wanted,
        "name": name,
        "studies": studies,
        "worst": worst_of([light for one in studies for light in one["lights"]]),
        "kept": visit.service.database is not None,
        "may_limit": visit.caller.may("set_limits"),
        "may_try": visit.caller.may("score"),
        **control,
    }


async def _study(visit: Visit, about: Mapping[str, Any]) -> dict[str, Any]:
    """One study; where it is away for a while that is said in its place, and the others are shown."""
    service, name = visit.service, about["study"]
    shown: dict[str, Any] = {"about": about, "drivers": [], "forecast": None, "rate": None, "book": None}
    shown |= {"lights": [], "odd": [], "more_odd": 0}
    told, away = None, None
    if service.database is not None:
        told, away = await tried(service, alerting.monitored(service, name))
    figures, wrong = await tried(service, _figures(visit, about))
    shown |= (figures or {}) | {"wrong": words_of(wrong, away)}
    if told is not None:
        shown["rate"] = None if about["kind"] == "series" else told["estimate"]
        shown["lights"] = lights_of(told, visit.lang)
        odd = [one for one in told["drift"] if one["band"] in ("watch", "shifted")]
        shown |= {"odd": odd[:ODD], "more_odd": max(0, len(odd) - ODD)}
    return shown


async def _figures(visit: Visit, about: Mapping[str, Any]) -> dict[str, Any]:
    """The book assessed last, the newest forecasts, and what is largest in them or moves the figure."""
    service, name = visit.service, about["study"]
    book = (await looking.assessed(service, name))["assessed"]
    shown: dict[str, Any] = {"book": None if book is None else _book(book, visit)}
    if about["kind"] != "series":
        return shown | {"drivers": (await looking.drivers(service, name))["drivers"][:DRIVERS]}
    answers = (await looking.newest(service, name))["answers"]
    near = min((one["horizon"] for one in answers if "horizon" in one), default=None)
    newest = [one for one in answers if one.get("horizon") == near]
    forecast = await service.apart(forecast_of, newest, "", visit.lang)
    return shown | {"forecast": forecast, "drivers": _largest(newest)}


def _largest(newest: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entities with the largest VaR, or the most likely falls."""
    name = next((one for one in ("var_99", "probability") if newest and one in newest[0]), "")
    known = [one for one in newest if isinstance(one.get(name), float)]
    rows = [{"name": one["entity"], "size": one[name]} for one in known]
    return sorted(rows, key=lambda row: -row["size"])[:DRIVERS]


def _book(book: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
    """What was assessed last: its positions, holdings, instruments or grades."""
    figures = book["figures"]
    part = next((name for name in EXPOSURES if figures.get(name)), "")
    shown: Table = table(figures.get(part, []), visit.lang, shares=SHARES)
    left_out = shown.left_out + book["left_out"].get(part, 0)
    return {**book, "table": dataclasses.replace(shown, left_out=left_out)}


PAGES = (Page("/risks/{risk}", "read", "risk.html.j2", "dashboard_risk.title", risk),)
