"""The queue of alerts: who sees to which, what is said, what each turned out to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from barograph.govern.tables.alerts import DISPOSITIONS
from barograph.service import alerting, asking
from barograph.service.dashboard.page import Deed, Page, Visit
from barograph.service.operations import operation_of
from barograph.service.problems import missing

MOST = 200
"""Alerts of a page; of more the first are shown, and how many there are is said."""
FILTERS = ("study", "severity", "kind", "who")
KINDS = {"score": ("fraud", "false_alarm", "accepted"), "limit": ("fixed", "accepted", "expired")}
"""Dispositions that make sense of each kind of alert, the first the most likely."""


async def queue(visit: Visit) -> dict[str, Any]:
    """Open alerts, or closed ones, those that the filter lets through."""
    if visit.service.database is None:
        return {"kept": False, "alerts": [], "said_filter": {}, "studies": [], "state": "open", "left_out": 0}
    state = "closed" if visit.query.get("state") == "closed" else "open"
    work = alerting.closed if state == "closed" else alerting.queue
    every = (await work(visit.service))["alerts"]
    wanted = {name: visit.query.get(name, "") for name in FILTERS}
    found = [one for one in every if _passes(one, wanted, visit.caller.name)]
    return {
        "kept": True,
        "state": state,
        "alerts": found[:MOST],
        "left_out": max(0, len(found) - MOST),
        "of_all": len(every),
        "said_filter": wanted,
        "other_state": urlencode({**wanted, "state": "open" if state == "closed" else "closed"}),
        "studies": sorted({one["study"] for one in every} | {wanted["study"]} - {""}),
        "may_work": visit.caller.may("work_alerts"),
        "words": _words(visit),
    }


async def alert(visit: Visit) -> dict[str, Any]:
    """One alert, its history, and the forms of who may work on it."""
    service, wanted = visit.service, visit.names["alert"]
    every = (await alerting.queue(service))["alerts"] + (await alerting.closed(service))["alerts"]
    found = next((one for one in every if one["id"] == wanted), None)
    if found is None:
        raise missing("alert", wanted, [])
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


def _passes(one: Mapping[str, Any], wanted: Mapping[str, str], who: str) -> bool:
    if any(wanted[name] and str(one[name]) != wanted[name] for name in ("study", "severity", "kind")):
        return False
    held = one["assignee"] or ""
    return {"": True, "mine": held == who, "nobody": not held}.get(wanted["who"], held == wanted["who"])


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
