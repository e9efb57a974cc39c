"""Users: a name, a role, perhaps a password for the dashboard."""

from __future__ import annotations

import re
from typing import Any, Final

import sqlalchemy as sa

from barograph.core.errors import AccessError, ConflictError, MissingError, SettingError
from barograph.govern.access.first_admin import FIRST_NAME, first_admin_made
from barograph.govern.access.roles import Role, checked_role
from barograph.govern.access.secrets import LONGEST, SHORTEST, password_holds, stretched
from barograph.govern.storage import Database
from barograph.govern.tables import sessions, tokens, users

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")


def checked_name(name: str) -> str:
    """A name that is written in one way only: lower case, no spaces.

    Raises
    ------
    SettingError
        It is not.
    """
    if not NAME.fullmatch(name):
        raise SettingError(
            "a user's name must be small letters, digits and . _ @ + -, at most 100",
            came=f"got {name[:100]!r}",
            do="Choose another name",
        )
    return name


def add_user(database: Database, name: str, role: str, *, by: str, password: str | None = None) -> None:
    """Add a user.

    Raises
    ------
    SettingError
        Name, role or password is not usable.
    ConflictError
        There is one of this name.
    """
    row = {
        "name": checked_name(name),
        "role": checked_role(role),
        "password": None if password is None else stretched(_checked_password(password)),
        "created_at": database.clock(),
        "created_by": by,
    }

    def insert(connection: sa.Connection) -> None:
        if connection.scalar(sa.select(users.c.name).where(users.c.name == name)) is not None:
            raise ConflictError(
                "a user's name must be new", came=f"there is a user '{name}'", do="Choose another name"
            )
        connection.execute(users.insert(), row)
        _end_first_start(connection, database, name)

    database.write(insert)


def set_password(database: Database, name: str, password: str) -> None:
    """Give a user a new password; all their sessions end. `MissingError` where there is no such user."""
    kept = stretched(_checked_password(password))

    def update(connection: sa.Connection) -> None:
        _changed(connection, name, password=kept)
        _end_sessions(connection, database, name)
        _end_first_start(connection, database, name)

    database.write(update)


def set_role(database: Database, name: str, role: str) -> None:
    """Give a user another role; their sessions end, and their tokens are cut down to what the role allows.

    Raises
    ------
    MissingError
        There is no such user.
    ConflictError
        They are the last admin.
    """
    wanted = checked_role(role)

    def update(connection: sa.Connection) -> None:
        if wanted != "admin":
            _keep_an_admin(connection, name)
        _changed(connection, name, role=wanted)
        _end_sessions(connection, database, name)
        _end_first_start(connection, database, name)

    database.write(update)


def disable_user(database: Database, name: str) -> None:
    """Shut a user out: password, sessions and tokens are refused from now on. The name stays taken.

    Raises
    ------
    MissingError
        There is no such user.
    ConflictError
        They are the last admin.
    """

    def update(connection: sa.Connection) -> None:
        at = database.clock()
        _keep_an_admin(connection, name)
        _changed(connection, name, disabled_at=at)
        _end_sessions(connection, database, name)
        own = (tokens.c.owner == name) & tokens.c.revoked_at.is_(None)
        connection.execute(sa.update(tokens).where(own).values(revoked_at=at))

    database.write(update)


def enable_user(database: Database, name: str) -> None:
    """Let a user in again who was shut out: by their password, and by tokens made from now on.

    Raises
    ------
    MissingError
        There is no such user.
    """

    def update(connection: sa.Connection) -> None:
        _changed(connection, name, disabled_at=None)
        _end_first_start(connection, database, name)

    database.write(update)


def check_password(database: Database, name: str, password: str) -> Role:
    """The role of the user whose password it is.

    Raises
    ------
    AccessError
        There is no such user, the password is another, or the user is disabled: not said which.
    """
    found = users.c.password, users.c.role, users.c.disabled_at
    row = database.read(lambda c: c.execute(sa.select(*found).where(users.c.name == name)).one_or_none())
    held = password_holds(password, None if row is None else row.password)
    if row is None or not held or row.disabled_at is not None:
        raise AccessError(
            "name and password must be those of a user", came="they are not", do="Check them, or ask an admin"
        )
    return checked_role(row.role)


def user_rows(database: Database) -> list[dict[str, Any]]:
    """All users by name, without their passwords."""
    shown = [column for column in users.c if column.name != "password"]
    rows = database.read(lambda c: c.execute(sa.select(*shown).order_by(users.c.name)).mappings().all())
    return [dict(row) for row in rows]


def _keep_an_admin(connection: sa.Connection, name: str) -> None:
    """Before a change that takes a role away: whoever is the last admin keeps it."""
    able = (users.c.role == "admin") & users.c.disabled_at.is_(None) & (users.c.name != FIRST_NAME)
    if connection.scalars(sa.select(users.c.name).where(able)).all() == [name]:
        raise ConflictError(
            "there must be an admin left who may come in",
            came=f"'{name}' is the last one",
            do="Make somebody else an admin first",
        )


def _changed(connection: sa.Connection, name: str, **values: object) -> None:
    if connection.execute(sa.update(users).where(users.c.name == name).values(**values)).rowcount == 0:
        raise MissingError(
            "a user must be there", came=f"there is no '{name}'", do="Look at the list, or add the user first"
        )


def _end_sessions(connection: sa.Connection, database: Database, name: str) -> None:
    open_ones = (sessions.c.owner == name) & sessions.c.ended_at.is_(None)
    connection.execute(sa.update(sessions).where(open_ones).values(ended_at=database.clock()))


def _end_first_start(connection: sa.Connection, database: Database, name: str) -> None:
    """Where the user is now an admin who gets in with a password, the token of the first start ends."""
    able = (users.c.role == "admin") & users.c.password.is_not(None) & users.c.disabled_at.is_(None)
    if connection.scalar(sa.select(users.c.name).where((users.c.name == name) & able)) is not None:
        first_admin_made(connection, database.clock())


def _checked_password(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise SettingError(
            f"a password must have {SHORTEST} to {LONGEST} characters",
            came=f"it has {len(password)}",
            do="Choose another, such as five words",
        )
    return password
