"""One's own account: who one is, what one may, and the password."""

from __future__ import annotations

from typing import Any

from barograph.govern.access import PERMISSIONS
from barograph.service import people
from barograph.service.dashboard.page import Deed, Page, Visit
from barograph.service.operations import operation_of


async def account(visit: Visit) -> dict[str, Any]:
    """The reader's role and what it allows."""
    allowed = sorted(PERMISSIONS[visit.caller.role])
    return {
        "role": visit.say(f"dashboard.role.{visit.caller.role}"),
        "allowed": [visit.say(f"dashboard.may.{one}") for one in allowed],
        "kept": visit.service.database is not None,
    }


PAGES = (Page("/account", "read", "account.html.j2", "dashboard.account.title", account),)
DEEDS = (
    Deed(
        "/account/password",
        operation_of(people.own_password),
        "/account",
        "/login",
        "dashboard.account.done",
    ),
)
