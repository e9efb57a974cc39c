"""The token of the first start ends with the first real admin."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from barograph.govern.tables import tokens

FIRST_NAME = "first-start"
"""The user that the token of the first start belongs to."""


def first_admin_made(connection: sa.Connection, at: dt.datetime) -> None:
    """Revoke the token of the first start: there is an admin who can get in without it."""
    live = tokens.c.first_start & tokens.c.revoked_at.is_(None)
    connection.execute(sa.update(tokens).where(live).values(revoked_at=at))
