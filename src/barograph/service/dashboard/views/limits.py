"""Limits: how near each figure is, what was held to it, set, replaced and ended."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from barograph import charts
from barograph.govern.limits import KeptReading, LimitRecord
from barograph.service import alerting, asking
from barograph.service.dashboard.numbers import figure
from barograph.service.dashboard.page import Deed, Page, Visit
from barograph.service.dashboard.tables import and_more
from barograph.service.dashboard.usage import last_of, nearness, usage_of
from barograph.service.operations import operation_of
from barograph.service.wire import NewLimit

FIGURES = (
    "var_99",
    "es_99",
    "var_97.5",
    "es_97.5",
    "probability",
    "value_at_risk_99",
    "expected_shortfall_99",
)
"""Figures that the form proposes; any other may be written."""
ENTITIES = 6
"""Lines of a chart at most: those that came nearest."""


async def limits(visit: Visit) -> dict[str, Any]:
    """The limits that stand, the nearest to its bound first, and the form for a new one."""
    if visit.service.database is None:
        return {"kept": False, "rows": [], "studies": [], "figures": FIGURES, "may_limit": False}
    standing = await alerting.standing(visit.service)
    return {
        "kept": True,
        "rows": limit_rows(standing, visit),
        "studies": [one["study"] for one in (await asking.studies(visit.service))["studies"]],
        "figures": FIGURES,
        "may_limit": visit.caller.may("set_limits"),
        "wanted": visit.query.get("study", ""),
    }


async def limit(visit: Visit) -> dict[str, Any]:
    """One limit: its readings against its bounds, and those it replaced."""
    told = await alerting.limit_readings(visit.service, visit.names["limit"])
    one, readings = told["limit"], told["readings"]
    return {
        **told,
        "chart": await visit.service.apart(_chart, one, readings, visit) if readings else None,
        "caption": and_more(
            visit.say("dashboard_limits.chart_caption", figure=one["figure"]),
            len({two["entity"] for two in readings}) - ENTITIES,
            visit.lang,
        ),
        "open": one["ended_at"] is None,
        "may_limit": visit.caller.may("set_limits"),
    }


def limit_rows(standing: Mapping[str, Any], visit: Visit) -> list[dict[str, Any]]:
    """How much of each limit is used and what that is called, the most first."""
    readings = [last_of(KeptReading(**one)) for one in standing["newest"]]
    used = [usage_of(LimitRecord(**one), readings) for one in standing["limits"]]
    used.sort(key=lambda one: -1.0 if one.share is None else one.share, reverse=True)
    return [{"used": one, "word": visit.say(f"dashboard_limits.level.{one.level}")} for one in used]


def _chart(limit: Mapping[str, Any], readings: list[dict[str, Any]], visit: Visit) -> Any:
    by_entity: dict[str, list[dict[str, Any]]] = {}
    for one in readings:
        by_entity.setdefault(one["entity"], []).append(one)
    held = LimitRecord(**limit)
    near = sorted(by_entity, key=lambda name: -max(nearness(held, one["last"]) for one in by_entity[name]))
    lines = {
        name or limit["figure"]: (
            np.array([one["at"].replace(tzinfo=None) for one in by_entity[name]], dtype="datetime64[s]"),
            np.array([math.nan if one["last"] is None else one["last"] for one in by_entity[name]]),
        )
        for name in near[:ENTITIES]
    }
    bounds = {
        visit.say(f"dashboard_limits.{name}", bound=figure(limit[name])): limit[name]
        for name in ("soft", "hard")
        if limit[name] is not None
    }
    return charts.guarded(lines, bounds=bounds, y_label=limit["figure"])


def _asked(form: Mapping[str, str]) -> NewLimit:
    """The limit that a form asks for; a field left empty is one left out."""
    filled: dict[str, Any] = {key: value.strip() for key, value in form.items() if value.strip()}
    for name in ("soft", "hard"):
        if name in filled:
            filled[name] = filled[name].replace("−", "-")
    return msgspec.convert(filled | {"below": form.get("below") == "yes"}, NewLimit, strict=False)


PAGES = (
    Page("/limits", "read", "limits.html.j2", "dashboard_limits.title", limits, menu=True),
    Page(
        "/limits/{limit}",
        "read",
        "limit.html.j2",
        "dashboard_limits.of_title",
        limit,
        under="/limits",
        charts=True,
    ),
)
DEEDS = (
    Deed(
        "/limits",
        operation_of(alerting.set_limit),
        "/limits",
        "/limits",
        "dashboard_limits.done.set",
        read=_asked,
    ),
    Deed(
        "/limits/{limit}/end",
        operation_of(alerting.end_limit),
        "/limits/{limit}",
        "/limits",
        "dashboard_limits.done.ended",
    ),
)
