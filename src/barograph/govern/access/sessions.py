"""Sessions of the dashboard: kept here, known to the browser by an id of which only a hash is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from barograph.core.errors import AccessError, ForbiddenError
from barograph.govern.access.roles import Principal, checked_role, lower
from barograph.govern.access.secrets import drawn_secret, hashed
from barograph.govern.access.tokens import principal_of
from barograph.govern.access.users import check_password
from barograph.govern.storage import Database
from barograph.govern.tables import sessions, tokens, users

LIFETIME: Final = dt.timedelta(hours=12)
"""However much it is used."""
IDLE: Final = dt.timedelta(hours=1)
"""Without being used."""
NOTED: Final = dt.timedelta(minutes=1)
"""The use of a session is written down once in so long."""
FORGOTTEN: Final = dt.timedelta(days=1)
"""Past its end; the next login deletes it."""


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
    return _begun(database, Principal(name, role, ""), None)


def log_in_by_token(database: Database, token: str) -> Session:
    """Begin a session of the token's owner, with the token's role; it ends with the token.

    Raises
    ------
    AccessError
        The token is none of ours, or has ended.
    """
    principal = principal_of(database, token)
    return _begun(database, principal, principal.key)


def session_of(database: Database, cookie: str, *, used: bool = True) -> Session:
    """The session of a cookie.

    Parameters
    ----------
    cookie : str
    used : bool
        Whether this is a use of it, which puts its end off; what a page does by itself is none.

    Raises
    ------
    AccessError
        There is none, it was not used for an hour, is half a day old or was ended, or its user or token is
        not valid any more.
    """
    at = database.clock()
    statement = (
        sa.select(sessions.c.owner, sessions.c.created_at, sessions.c.expires_at, users.c.role)
        .add_columns(sessions.c.token, tokens.c.role.label("lowered"))
        .select_from(sessions)
        .join(users)
        .outerjoin(
            tokens,
            (tokens.c.id == sessions.c.token) & tokens.c.revoked_at.is_(None) & (tokens.c.expires_at > at),
        )
        .where(
            (sessions.c.id_hash == hashed(cookie))
            & (sessions.c.expires_at > at)
            & sessions.c.ended_at.is_(None)
            & users.c.disabled_at.is_(None)
        )
    )
    row = database.read(lambda connection: connection.execute(statement).one_or_none())
    if row is None or (row.token is not None and row.lowered is None):
        raise AccessError("a session must be open", came="it is not", do="Log in")
    until = min(row.created_at + LIFETIME, at + IDLE)
    if used and until - row.expires_at >= NOTED:
        later = sa.update(sessions).where(sessions.c.id_hash == hashed(cookie)).values(expires_at=until)
        database.write(lambda connection: connection.execute(later), isolation="READ COMMITTED")
    role = checked_role(row.role if row.lowered is None else lower(row.lowered, row.role))
    return Session(cookie, Principal(row.owner, role, hashed(cookie)), max(until, row.expires_at))


def _begun(database: Database, who: Principal, token: str | None) -> Session:
    cookie, at = drawn_secret(), database.clock()
    row = {"id_hash": hashed(cookie), "owner": who.name, "created_at": at, "expires_at": at + IDLE}
    row["token"] = token
    over = sa.delete(sessions).where(sessions.c.expires_at < at - FORGOTTEN)

    def write(connection: sa.Connection) -> None:
        connection.execute(over)
        connection.execute(sessions.insert(), row)

    database.write(write, isolation="READ COMMITTED")
    return Session(cookie, Principal(who.name, who.role, hashed(cookie)), at + IDLE)


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
