"""Users and tokens, for admins: who may come in, as what, and with what."""

from __future__ import annotations

from typing import Any

from barograph.govern.access import ROLES
from barograph.service import governing, people
from barograph.service.dashboard.page import Deed, Page, Visit
from barograph.service.operations import operation_of


async def users(visit: Visit) -> dict[str, Any]:
    """All users and all tokens."""
    found = (await governing.users(visit.service))["users"]
    tokens = (await governing.tokens(visit.service))["tokens"]
    now = governing.kept(visit.service).clock()
    roles = [(one, visit.say(f"dashboard.role.{one}")) for one in ROLES]
    return {
        "users": [{**one, "words": dict(roles)[one["role"]]} for one in found],
        "tokens": [
            {
                **one,
                "words": dict(roles)[one["role"]],
                "holds": one["revoked_at"] is None and one["expires_at"] > now,
            }
            for one in tokens
        ],
        "roles": roles,
        "first": visit.caller.name == "first-start",
    }


USER, WHERE = "/users/{user}", "/users"
PAGES = (Page(WHERE, "manage_access", "users.html.j2", "dashboard_users.title", users, menu=True),)
DEEDS = (
    Deed("/users/add", operation_of(governing.add_user), WHERE, WHERE, "dashboard_users.done.added"),
    Deed(f"{USER}/role", operation_of(people.change_role), WHERE, WHERE, "dashboard_users.done.role"),
    Deed(
        f"{USER}/password", operation_of(people.give_password), WHERE, WHERE, "dashboard_users.done.password"
    ),
    Deed(f"{USER}/disable", operation_of(people.disable), WHERE, WHERE, "dashboard_users.done.disabled"),
    Deed(
        "/tokens/add",
        operation_of(governing.add_token),
        WHERE,
        WHERE,
        "dashboard_users.done.token",
        shown=True,
    ),
    Deed(
        "/tokens/{token}/end", operation_of(governing.end_token), WHERE, WHERE, "dashboard_users.done.ended"
    ),
)
