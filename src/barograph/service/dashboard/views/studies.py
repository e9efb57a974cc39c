"""A study's page: its newest figures, exceptions, verdict, model, challengers and monitors."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from barograph import charts
from barograph.govern.access import Principal
from barograph.service import alerting, asking, looking
from barograph.service.dashboard.forecasts import forecast_of
from barograph.service.dashboard.lights import lights_of
from barograph.service.dashboard.page import Page, Visit
from barograph.service.dashboard.tables import and_more, table
from barograph.service.dashboard.tried import tried, words_of
from barograph.service.dashboard.views.charted import alert_charts, distribution
from barograph.service.dashboard.views.models import claim
from barograph.service.paging import Paging

REASONS = 10
"""Drivers that are shown."""


async def study(visit: Visit) -> dict[str, Any]:
    """Everything about one study."""
    name, service = visit.names["study"], visit.service
    about = await asking.study(service, name)
    shown: dict[str, Any] = {"about": about, "kept": service.database is not None, "lights": [], "live": name}
    shown |= {"forecast": None, "distribution": None, "drivers": None, "exceptions": None, "alerts": None}
    figures, wrong = await tried(service, _figures(visit, name, about["kind"]))
    watched, away = await tried(service, _watched(visit, name, about["kind"]))
    if wrong is not None and wrong.status >= 500 and not watched:
        raise wrong
    shown |= (figures or {}) | (watched or {}) | {"wrong": words_of(wrong, away)}
    shown["run"] = (await looking.run(service, name))["run"]
    shown["claims"] = [claim(one, visit.lang) for one in (shown["run"] or {}).get("claims") or []]
    shown["challengers"] = table(about["challengers"], visit.lang)
    return shown | can_do(visit.caller, about["kind"])


async def _figures(visit: Visit, name: str, kind: str) -> dict[str, Any]:
    """The newest forecasts, or what moves the figure."""
    if kind != "series":
        return {"drivers": await drivers_chart(visit, name)}
    found = await looking.newest(visit.service, name)
    wanted = visit.query.get("of", "")
    return {"forecast": await visit.service.apart(forecast_of, found["answers"], wanted, visit.lang)}


async def _watched(visit: Visit, name: str, kind: str) -> dict[str, Any]:
    """What the monitors say; nothing without a database."""
    if visit.service.database is None:
        return {}
    service = visit.service
    told = await alerting.monitored(service, name)
    return {
        "lights": lights_of(told, visit.lang),
        "distribution": await service.apart(distribution, told, visit),
        "alerts": await service.apart(alert_charts, told, visit) if kind == "events" else None,
        "exceptions": await exceptions(visit, name, told),
    }


def can_do(who: Principal, kind: str) -> dict[str, bool]:
    """Which forms the reader may use for a study of a kind."""
    return {
        "may_try": who.may("score"),
        "may_assess": who.may("score") and kind != "events",
        "may_limit": who.may("set_limits"),
    }


async def exceptions(visit: Visit, name: str, told: dict[str, Any]) -> dict[str, Any] | None:
    """VaR against the losses that came, of one entity; None where nothing is known of any."""
    known = [one for one in told["exceptions"] if one["days"]]
    if not known:
        return None
    names = [one["entity"] for one in known]
    entity = visit.query.get("of", "")
    entity = entity if entity in names else names[0]
    days = (await alerting.var_days(visit.service, name, entity, Paging(alerting.DAYS)))["days"]
    time = np.array([one["day"] for one in days], dtype="datetime64[D]")
    losses = np.array([math.nan if one["loss"] is None else one["loss"] for one in days])
    draw = functools.partial(
        charts.value_at_risk,
        time,
        -100.0 * losses,
        limits={visit.say("dashboard_risk.stated_var"): 100.0 * np.array([one["var"] for one in days])},
        return_name=visit.say("dashboard_risk.came"),
        exception_name=visit.say("dashboard_risk.exception"),
        y_label=visit.say("dashboard_risk.return_percent"),
    )
    chart = await visit.service.apart(draw)
    one = next(one for one in known if one["entity"] == entity)
    said = {"entity": entity, "days": one["days"], "exceptions": one["light"]["exceptions"]}
    caption = visit.say("dashboard_risk.exceptions_caption", **said)
    return {"chart": chart, "caption": caption, "of": entity, "others": names}


async def drivers_chart(visit: Visit, name: str) -> dict[str, Any]:
    """What moves the figure of records or events."""
    every = (await looking.drivers(visit.service, name))["drivers"]
    found = every[:REASONS]
    draw = functools.partial(
        charts.amounts,
        [one["name"] for one in found],
        np.array([one["size"] for one in found]),
        x_label=visit.say("dashboard_risk.mean_size"),
        x_format=".2%",
    )
    chart = await visit.service.apart(draw)
    caption = and_more(visit.say("dashboard_risk.drivers_caption"), len(every) - REASONS, visit.lang)
    return {"chart": chart, "caption": caption, "names": found}


PAGES = (
    Page("/studies/{study:path}", "read", "study.html.j2", "dashboard_risk.study_title", study, charts=True),
)
