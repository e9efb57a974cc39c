"""Opening a database: connected, its tables brought up to date by one process at a time."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from barograph.core.errors import StorageError
from barograph.core.late import late
from barograph.govern.storage.clock import Clock, now
from barograph.govern.storage.database import Database
from barograph.govern.storage.engine import DEFAULT_URL, engine_of, shown

MIGRATIONS: Final = Path(__file__).parents[1] / "migrations"
LOCK: Final = 0x6261726F
"""PostgreSQL's advisory lock that the one who migrates holds ("baro")."""


def open_database(url: str = DEFAULT_URL, *, clock: Clock = now, create: bool = True) -> Database:
    """Open a database and bring its tables up to date; a new one gets them all.

    Parameters
    ----------
    url : str
        ``sqlite:///FILE`` (made if it is not there, its folder must be) or ``postgresql://USER@HOST/NAME``;
        a password comes from ``${NAME}`` of the environment or from the database's own password file.
    clock : callable
        The present instant; tests hand in their own.
    create : bool
        Make a file of SQLite that is not there; without it that is an error, as for whoever only looks.

    Raises
    ------
    SettingError
        The address is not usable.
    UnavailableError
        The database does not answer.
    StorageError
        It cannot be written, was made by a later version, or is not there and must not be made.
    """
    database = Database(engine_of(url), clock)
    name = shown(database.engine)
    _keep_private(database.engine, create=create)
    try:
        database.write(_upgrade, isolation="READ COMMITTED")
    except _alembic("util").CommandError as error:
        database.close()
        raise StorageError(
            f"{name} must be of this version or an earlier one",
            came=f"it is of another ({error})",
            do="Use the version of Barograph that made it, or a later one",
        ) from error
    except StorageError:
        database.close()
        raise
    return database


def _keep_private(engine: sa.Engine, *, create: bool) -> None:
    """A new file of SQLite is its owner's alone: it holds hashes of passwords, and secrets that sign."""
    path = str(engine.url.database or "")
    if engine.dialect.name == "sqlite" and not path.startswith("file:"):
        if not create and not Path(path).exists():
            raise StorageError(
                f"the database {path} must be there",
                came="it is not",
                do="Name it with --database; `barograph models propose` makes one",
            )
        with contextlib.suppress(OSError):  # what is wrong with the place is said when it is opened
            Path(path).touch(mode=0o600, exist_ok=True)


def _upgrade(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    settings = _alembic("config").Config(attributes={"connection": connection})
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    _alembic("command").upgrade(settings, "head")


def _alembic(part: str) -> Any:
    """Loaded with the first database: a service without one does not hold its 9 MiB."""
    return late(f"alembic.{part}", need="a database", install="Install Barograph anew; alembic belongs to it")
