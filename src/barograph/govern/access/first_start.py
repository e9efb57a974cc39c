"""The first start: one admin token, shown once, for a day, until there is a real admin."""

from __future__ import annotations

import datetime as dt
from typing import Final

import sqlalchemy as sa

from barograph.govern.access.first_admin import FIRST_NAME
from barograph.govern.access.tokens import drawn_token
from barograph.govern.storage import Database
from barograph.govern.tables import tokens, users

LIFETIME: Final = dt.timedelta(hours=24)


def first_token(database: Database) -> str | None:
    """The admin token to show at a start where nobody else could get in as admin; None where somebody can.

    Of several processes that start at once, one gets it. It lasts for a day, and ends earlier with the first
    admin who has a password or a token of their own. Shown and lost, it is made anew once it has run out.
    """
    token, row = drawn_token(FIRST_NAME, "admin", label="first start", by=FIRST_NAME)
    at = database.clock()
    row |= {"created_at": at, "expires_at": at + LIFETIME, "first_start": True}

    def mint(connection: sa.Connection) -> bool:
        live = tokens.c.revoked_at.is_(None) & (tokens.c.expires_at > at) & (tokens.c.role == "admin")
        by_token = sa.select(tokens.c.id).join(users).where(live & users.c.disabled_at.is_(None))
        by_password = sa.select(users.c.name).where(
            (users.c.role == "admin") & users.c.password.is_not(None) & users.c.disabled_at.is_(None)
        )
        if connection.execute(by_token).first() or connection.execute(by_password).first():
            return False
        if connection.scalar(sa.select(users.c.name).where(users.c.name == FIRST_NAME)) is None:
            user = {"name": FIRST_NAME, "role": "admin", "created_at": at, "created_by": FIRST_NAME}
            connection.execute(users.insert(), user)
        connection.execute(tokens.insert(), row)
        return True

    return token if database.write(mint) else None
