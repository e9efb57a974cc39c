"""Roles and what each may: one table, read from the top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from barograph.core.errors import ForbiddenError, unknown

Role = Literal["viewer", "scorer", "developer", "approver", "admin"]
Permission = Literal[
    "read",  # studies, models, history, alerts, limits, monitors, the dashboard
    "score",  # predict, forecast, events
    "label",  # outcomes: what became of what was scored
    "work_alerts",  # assign, comment, close
    "propose",  # models; findings against them
    "approve",  # approve, promote, extend, retire, roll back: never one's own (the database sees to that)
    "set_limits",
    "audit",  # read the audit log, verify it, export tables
    "manage_access",  # users, tokens
    "manage_receivers",  # who is told of alerts: addresses outside the service
    "retain",  # delete what is old enough
]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    "viewer": frozenset({"read"}),
    "scorer": frozenset({"read", "score", "label"}),
    "developer": frozenset({"read", "score", "label", "work_alerts", "propose"}),
    "approver": frozenset({"read", "work_alerts", "approve", "set_limits", "audit"}),
    "admin": frozenset(get_args(Permission)),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks."""

    name: str  # the user: who is meant by "somebody else" when a model is approved
    role: Role
    key: str  # the id of the token, or the hash of the session's id: what rates are counted by

    def may(self, permission: Permission) -> bool:
        """Whether the role allows it."""
        return permission in PERMISSIONS[self.role]


def require(principal: Principal, permission: Permission) -> None:
    """Refuse who may not.

    Raises
    ------
    ForbiddenError
        The role does not allow it.
    """
    if principal.may(permission):
        return
    who = " or ".join(role for role in ROLES if permission in PERMISSIONS[role])
    raise ForbiddenError(
        f"'{permission}' is for {who}",
        came=f"'{principal.name}' asks as {principal.role}",
        do="Ask one of those, or an admin for the role",
    )


def checked_role(role: str) -> Role:
    """A word that is a role."""
    for one in ROLES:
        if one == role:
            return one
    raise unknown("a role", role, ROLES)


def lower(role: str, own: str) -> Role:
    """A role as far as somebody's own role goes: where it allows more, that one."""
    given, most = checked_role(role), checked_role(own)
    return given if PERMISSIONS[given] <= PERMISSIONS[most] else most
