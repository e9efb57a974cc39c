"""API tokens, ``bg_<id>_<secret>``: the id finds the row, of the secret only a hash is kept."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from typing import Any, Final

import sqlalchemy as sa

from barograph.core.errors import AccessError, ConflictError, SettingError
from barograph.govern.access.first_admin import first_admin_made
from barograph.govern.access.roles import PERMISSIONS, Principal, Role, checked_role, lower
from barograph.govern.access.secrets import drawn_secret, hashed, same
from barograph.govern.storage import Database
from barograph.govern.tables import tokens, users

TOKEN: Final = re.compile(r"bg_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
LONGEST_DAYS: Final = 730
NOTED_SECONDS: Final = 60.0
"""The last use of a token is written down once in so many seconds."""


def drawn_token(owner: str, role: Role, *, label: str, by: str) -> tuple[str, dict[str, Any]]:
    """A fresh token and the row that is kept of it, without its instants."""
    identity, secret = secrets.token_hex(8), drawn_secret()
    row = {"id": identity, "secret_hash": hashed(secret), "owner": owner, "role": role, "label": label}
    return f"bg_{identity}_{secret}", row | {"created_by": by, "first_start": False}


def mint_token(
    database: Database, owner: str, *, by: str, role: str | None = None, label: str = "", days: int = 90
) -> str:
    """Make a token for a user; it is shown this once.

    Parameters
    ----------
    owner : str
        The user that acts with it.
    by : str
        Who makes it.
    role : str, optional
        One whose permissions the user's own role includes; by default the user's.
    days : int
        Days until it expires.

    Raises
    ------
    ConflictError
        There is no such user, or they are disabled.
    SettingError
        The role allows more than the user's, or `days` is not between 1 and 730.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise SettingError(
            f"a token must last 1 to {LONGEST_DAYS} days", came=f"got {days}", do="Give other days"
        )
    wanted = None if role is None else checked_role(role)
    at = database.clock()

    def insert(connection: sa.Connection) -> str:
        own = connection.scalar(
            sa.select(users.c.role).where((users.c.name == owner) & users.c.disabled_at.is_(None))
        )
        if own is None:
            raise ConflictError(
                "a token must belong to a user", came=f"there is no '{owner}'", do="Add the user"
            )
        given = _within(wanted or checked_role(own), checked_role(own))
        token, row = drawn_token(owner, given, label=label, by=by)
        row |= {"created_at": at, "expires_at": at + dt.timedelta(days=days)}
        if given == "admin":
            first_admin_made(connection, at)
        connection.execute(tokens.insert(), row)
        return token

    return database.write(insert)


def principal_of(database: Database, token: str) -> Principal:
    """Who asks with a token; its use is noted.

    Raises
    ------
    AccessError
        It is none of ours, expired or revoked, or its owner is disabled: not said which.
    """
    found = TOKEN.fullmatch(token)
    identity, secret = ("", "") if found is None else found.groups()
    row = database.read(lambda connection: connection.execute(_by_id(identity)).one_or_none())
    at = database.clock()
    held = same(hashed(secret), "0" * 64 if row is None else row.secret_hash)
    if row is None or not held or row.revoked_at is not None or row.expires_at <= at:
        raise _refused()
    if row.disabled_at is not None:
        raise _refused()
    if row.last_used_at is None or (at - row.last_used_at).total_seconds() >= NOTED_SECONDS:
        noted = sa.update(tokens).where(tokens.c.id == identity).values(last_used_at=at)
        database.write(lambda connection: connection.execute(noted), isolation="READ COMMITTED")
    return Principal(row.owner, lower(row.role, row.own), identity)


def revoke_token(database: Database, identity: str) -> None:
    """End a token, named by its id.

    Raises
    ------
    ConflictError
        There is no such token.
    """
    kept = sa.func.coalesce(
        tokens.c.revoked_at, sa.bindparam("at", database.clock(), tokens.c.revoked_at.type)
    )
    update = sa.update(tokens).where(tokens.c.id == identity).values(revoked_at=kept)
    if database.write(lambda connection: connection.execute(update).rowcount) == 0:
        raise ConflictError("a token must be there", came=f"there is no '{identity}'", do="Look at the list")


def token_rows(database: Database) -> list[dict[str, Any]]:
    """All tokens, newest first, without the hashes of their secrets."""
    shown = [column for column in tokens.c if column.name != "secret_hash"]
    statement = sa.select(*shown).order_by(tokens.c.created_at.desc(), tokens.c.id)
    return [dict(row) for row in database.read(lambda c: c.execute(statement).mappings().all())]


def _by_id(identity: str) -> sa.Select[Any]:
    kept = tokens.c.secret_hash, tokens.c.owner, tokens.c.role, tokens.c.expires_at, tokens.c.revoked_at
    of_owner = users.c.role.label("own"), users.c.disabled_at
    return sa.select(*kept, tokens.c.last_used_at, *of_owner).join(users).where(tokens.c.id == identity)


def _within(role: Role, own: Role) -> Role:
    if PERMISSIONS[role] <= PERMISSIONS[own]:
        return role
    raise SettingError(
        "a token must not allow more than its owner's role", came=f"'{role}' for a {own}", do="Lower it"
    )


def _refused() -> AccessError:
    return AccessError(
        "a request must carry a token that is valid", came="it carries none", do="Ask an admin for a token"
    )
