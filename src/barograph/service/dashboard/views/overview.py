"""The first page: the risks against their limits."""

from __future__ import annotations

from typing import Any

from barograph.service import asking
from barograph.service.dashboard.page import Page, Visit

RISKS = ("market", "credit", "operational", "rates", "fx")
"""The five, in the order in which they are shown; a study's name begins with its risk's."""


async def overview(visit: Visit) -> dict[str, Any]:
    """Each risk with the studies that answer for it."""
    found = (await asking.studies(visit.service))["studies"]
    risks = [
        {
            "key": risk,
            "name": visit.say(f"dashboard.risk.{risk}"),
            "studies": [one for one in found if one["study"].partition("/")[0] == risk],
        }
        for risk in RISKS
    ]
    return {"risks": risks, "served": len(found), "kept": visit.service.database is not None}


PAGES = (Page("", "read", "overview.html.j2", "dashboard.overview.title", overview, menu=True),)
