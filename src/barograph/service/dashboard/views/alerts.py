"""The queue of alerts: who sees to which, what is said, what each turned out to be."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from barograph.govern.alerts import Sought
from barograph.govern.tables.alerts import DISPOSITIONS
from barograph.service import alerting, asking
from barograph.service.dashboard.page import Deed, Page, Visit
from barograph.service.operations import operation_of
from barograph.service.paging import Paging

MOST = 200
"""Alerts of a page; a link leads on to those that follow."""
FILTERS = ("study", "severity", "kind", "who")
KINDS = {"score": ("fraud", "false_alarm", "accepted"), "limit": ("fixed", "accepted", "expired")}
"""Dispositions that make sense of each kind of alert, the first the most likely."""


async def queue(visit: Visit) -> dict[str, Any]:
    """Open alerts, or closed ones, those that the filter lets through."""
    if visit.service.database is None:
        return {"kept": False, "alerts": [], "said_filter": {}, "studies": [], "state": "open"}
    state = "closed" if visit.query.get("state") == "closed" else "open"
    wanted = {name: visit.query.get(name, "") for name in FILTERS}
    whose = {"": None, "mine": visit.caller.name, "nobody": ""}.get(wanted["who"], wanted["who"])
    study, severity, kind = (wanted[name] or None for name in FILTERS[:3])
    sought = Sought(study, severity, kind, whose, state == "closed")
    after = visit.query.get("after", "")
    page = await alerting.sought(visit.service, sought, Paging(MOST, after))
    count = sum(one.alerts for one in await alerting.counts(visit.service, sought))
    every = await alerting.counts(visit.service, Sought(closed=sought.closed))
    return {
        "kept": True,
        "state": state,
        "alerts": page["alerts"],
        "count": count,
        "first": urlencode({**wanted, "state": state}) if after else "",
        "more": urlencode({**wanted, "state": state, "after": page["next"]}) if page["next"] else "",
        "of_all": sum(one.alerts for one in every),
        "said_filter": wanted,
        "other_state": urlencode({**wanted, "state": "open" if state == "closed" else "closed"}),
        "studies": sorted({one.study for one in every} | {wanted["study"]} - {""}),
        "may_work": visit.caller.may("work_alerts"),
        "words": _words(visit),
    }


async def alert(visit: Visit) -> dict[str, Any]:
    """One alert, its history, and the forms of who may work on it."""
    service, wanted = visit.service, visit.names["alert"]
    found = await alerting.single(service, wanted)
    notes = (await alerting.notes(service, wanted))["notes"]
    served = {one["study"]: one for one in (await asking.studies(service))["studies"]}
    possible = KINDS.get(found["kind"], DISPOSITIONS)
    return {
        "alert": found,
        "notes": notes,
        "study": served.get(found["study"]),
        "open": found["closed_at"] is None,
        "may_work": visit.caller.may("work_alerts"),
        "dispositions": [*possible, *(one for one in DISPOSITIONS if one not in possible)],
        "labels": found["kind"] == "score",
        "words": _words(visit),
    }


def _words(visit: Visit) -> dict[str, str]:
    names = (
        "opened",
        "escalated",
        "assigned",
        "comment",
        "closed",
        "hard",
        "soft",
        "limit",
        "score",
        "monitor",
    )
    return {name: visit.say(f"dashboard_alerts.word.{name}") for name in names}


PAGES = (
    Page("/alerts", "read", "alerts.html.j2", "dashboard_alerts.title", queue, menu=True),
    Page("/alerts/{alert}", "read", "alert.html.j2", "dashboard_alerts.of_title", alert, under="/alerts"),
)
ONE = "/alerts/{alert}"
DEEDS = (
    Deed(f"{ONE}/assign", operation_of(alerting.assign), ONE, ONE, "dashboard_alerts.done.assigned"),
    Deed(f"{ONE}/comment", operation_of(alerting.comment), ONE, ONE, "dashboard_alerts.done.comment"),
    Deed(f"{ONE}/close", operation_of(alerting.close), ONE, "/alerts", "dashboard_alerts.done.closed"),
)
