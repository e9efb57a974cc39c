"""The work behind the operations on users: roles, passwords, and who may come in no more."""

from __future__ import annotations

from typing import Any

from barograph.core.errors import ConflictError
from barograph.govern import access
from barograph.service.governing import kept
from barograph.service.service import Service
from barograph.service.wire import NewPassword, NewRole, OwnPassword


async def change_role(service: Service, name: str, by: str, ask: NewRole) -> dict[str, Any]:
    """Give a user another role; their sessions end."""
    database = kept(service)
    _somebody_else(name, by)
    await service.apart(access.set_role, database, name, ask.role)
    _forget(service)
    return {"name": name, "role": ask.role}


async def give_password(service: Service, name: str, by: str, ask: NewPassword) -> dict[str, Any]:
    """Give a user a password, the first or one in place of a forgotten one; their sessions end."""
    await service.apart(access.set_password, kept(service), name, ask.password)
    return {"name": name, "state": "password set"}


async def own_password(service: Service, by: str, ask: OwnPassword) -> dict[str, Any]:
    """Give oneself another password; all one's sessions end."""
    database = kept(service)

    def changed() -> None:
        access.check_password(database, by, ask.present)
        access.set_password(database, by, ask.password)

    await service.apart(changed)
    return {"name": by, "state": "password set"}


async def disable(service: Service, name: str, by: str) -> dict[str, Any]:
    """Shut a user out: password, sessions and tokens."""
    database = kept(service)
    _somebody_else(name, by)
    await service.apart(access.disable_user, database, name)
    _forget(service)
    return {"name": name, "state": "disabled"}


async def enable(service: Service, name: str) -> dict[str, Any]:
    """Let a user in again who was shut out; ended tokens stay ended."""
    await service.apart(access.enable_user, kept(service), name)
    return {"name": name, "state": "enabled"}


def _somebody_else(name: str, by: str) -> None:
    """Nobody locks themselves out: there would be an admin less, perhaps the last."""
    if name == by:
        raise ConflictError(
            "another admin must change one's own role or shut one out",
            came=f"'{by}' means themselves",
            do="Ask another admin",
        )


def _forget(service: Service) -> None:
    if isinstance(service.access, access.Authenticator):
        service.access.forget()
