"""Users and their tokens, at the machine of the database: also where nobody can get in any more."""

from __future__ import annotations

from typing import Any

from barograph.api.models import opened
from barograph.govern import access
from barograph.govern.storage import DEFAULT_URL

MACHINE = "machine"
"""Who acts where nobody has shown who they are: whoever may write the database."""


def users(*, database: str = DEFAULT_URL) -> list[dict[str, Any]]:
    """All users by name, without their passwords."""
    with opened(database) as kept:
        return access.user_rows(kept)


def add_user(name: str, role: str, *, password: str | None = None, database: str = DEFAULT_URL) -> None:
    """Add a user (see `access.add_user`)."""
    with opened(database, create=True) as kept:
        access.add_user(kept, name, role, by=MACHINE, password=password)


def set_role(name: str, role: str, *, database: str = DEFAULT_URL) -> None:
    """Give a user another role; their sessions end."""
    with opened(database) as kept:
        access.set_role(kept, name, role)


def set_password(name: str, password: str, *, database: str = DEFAULT_URL) -> None:
    """Give a user a new password; their sessions end."""
    with opened(database) as kept:
        access.set_password(kept, name, password)


def disable(name: str, *, database: str = DEFAULT_URL) -> None:
    """Shut a user out: password, sessions and tokens."""
    with opened(database) as kept:
        access.disable_user(kept, name)


def enable(name: str, *, database: str = DEFAULT_URL) -> None:
    """Let a user in again; ended tokens stay ended."""
    with opened(database) as kept:
        access.enable_user(kept, name)


def tokens(*, database: str = DEFAULT_URL) -> list[dict[str, Any]]:
    """All tokens, newest first, without what would let one in."""
    with opened(database) as kept:
        return access.token_rows(kept)


def make_token(
    owner: str, *, role: str | None = None, label: str = "", days: int = 90, database: str = DEFAULT_URL
) -> str:
    """Make a token for a user; it is shown this once (see `access.mint_token`)."""
    with opened(database) as kept:
        return access.mint_token(kept, owner, by=MACHINE, role=role, label=label, days=days)


def end_token(token: str, *, database: str = DEFAULT_URL) -> None:
    """End a token, by its id."""
    with opened(database) as kept:
        access.revoke_token(kept, token)
