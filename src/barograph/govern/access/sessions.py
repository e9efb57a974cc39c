"""Sessions of the dashboard: kept here, known to the browser by an id of which only a hash is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from barograph.core.errors import AccessError, ForbiddenError
from barograph.govern.access.roles import Principal, checked_role
from barograph.govern.access.secrets import drawn_secret, hashed
from barograph.govern.access.users import check_password
from barograph.govern.storage import Database
from barograph.govern.tables import sessions, users

LIFETIME: Final = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Session:
    """A session as the browser holds it."""

    cookie: str  # the id; HttpOnly, Secure, SameSite=Strict
    principal: Principal
    expires_at: dt.datetime

    @property
    def csrf(self) -> str:
        """What a form must send back: made of the id, which another site cannot read."""
        return hmac.new(self.cookie.encode(), b"csrf", hashlib.sha256).hexdigest()


def log_in(database: Database, name: str, password: str) -> Session:
    """Begin a session.

    Raises
    ------
    AccessError
        Name or password is wrong.
    """
    role = check_password(database, name, password)
    cookie, at = drawn_secret(), database.clock()
    row = {"id_hash": hashed(cookie), "owner": name, "created_at": at, "expires_at": at + LIFETIME}
    database.write(lambda connection: connection.execute(sessions.insert(), row), isolation="READ COMMITTED")
    return Session(cookie, Principal(name, role, hashed(cookie)), at + LIFETIME)


def session_of(database: Database, cookie: str) -> Session:
    """The session of a cookie.

    Raises
    ------
    AccessError
        There is none, it expired or was ended, or its user is disabled.
    """
    statement = (
        sa.select(sessions.c.owner, sessions.c.expires_at, users.c.role)
        .join(users)
        .where(
            (sessions.c.id_hash == hashed(cookie))
            & (sessions.c.expires_at > database.clock())
            & sessions.c.ended_at.is_(None)
            & users.c.disabled_at.is_(None)
        )
    )
    row = database.read(lambda connection: connection.execute(statement).one_or_none())
    if row is None:
        raise AccessError("a session must be open", came="it is not", do="Log in")
    return Session(cookie, Principal(row.owner, checked_role(row.role), hashed(cookie)), row.expires_at)


def end_session(database: Database, cookie: str) -> None:
    """Log out; ending what is not open is no error."""
    update = sa.update(sessions).where((sessions.c.id_hash == hashed(cookie)) & sessions.c.ended_at.is_(None))
    at = database.clock()
    database.write(
        lambda connection: connection.execute(update.values(ended_at=at)), isolation="READ COMMITTED"
    )


def csrf_holds(session: Session, given: str) -> None:
    """Refuse a form that does not carry the session's own mark.

    Raises
    ------
    ForbiddenError
        It carries none, or that of another session.
    """
    if not hmac.compare_digest(session.csrf.encode(), given.encode()):
        raise ForbiddenError(
            "a form must come from our own page", came="it does not", do="Load the page again"
        )
