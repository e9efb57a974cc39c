"""From an address to an engine of SQLAlchemy, set up so that what was acknowledged is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from barograph.core.address import address_of
from barograph.core.errors import SettingError

DEFAULT_URL: Final = "sqlite:///barograph.db"
"""A file in the working folder."""
DRIVERS: Final = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
BUSY_SECONDS: Final = 5.0
"""How long SQLite waits for another writer before it says that the database is locked."""
CONNECT_SECONDS: Final = 3
POOL_SECONDS: Final = 10.0
WRITES: Final = "barograph_writes"
"""Execution option of a connection whose transaction will write."""


def engine_of(url: str) -> sa.Engine:
    """The engine of ``sqlite:///FILE`` or ``postgresql://…``; nothing is connected yet.

    Raises
    ------
    SettingError
        It is no such address, holds a password (write ``${NAME}``), or its driver is not installed.
    """
    address = address_of(url)
    scheme = "" if address is None else address.scheme.split("+")[0]
    if address is None or scheme not in DRIVERS:
        raise SettingError(
            "a database must be sqlite:///FILE or postgresql://USER@HOST/NAME",
            came=f"got '{url}'",
            do="Write it so",
        )
    opened = address.opened.replace(f"{address.scheme}://", f"{DRIVERS[scheme]}://", 1)
    try:
        parsed = sa.make_url(opened)
        engine = _sqlite(parsed) if scheme == "sqlite" else _postgresql(parsed)
    except (ImportError, ValueError, sa.exc.ArgumentError) as error:
        raise SettingError(
            f"{address.text} must be an address whose driver is installed",
            came=str(error).splitlines()[0],
            do="Check the address; PostgreSQL needs barograph[postgres]",
        ) from error
    return engine


def _sqlite(url: sa.URL) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise SettingError(
            "a database must be a file: what is approved or logged must outlive the process",
            came="got SQLite in memory",
            do=f"Write {DEFAULT_URL}",
        )
    engine = sa.create_engine(
        url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, pool_timeout=POOL_SECONDS
    )
    sa.event.listen(engine, "connect", _pragmas)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _pragmas(connection: Any, _record: Any) -> None:
    """Readers beside one writer (WAL); every commit synced to disk before it is acknowledged.

    ``synchronous=FULL`` rather than WAL's usual NORMAL: NORMAL survives a killed process but may lose the
    last commits when the power fails, and an approval that somebody saw must not be lost.
    """
    connection.isolation_level = None  # transactions are begun by `_begin`, not guessed by the driver
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    """A writer takes its lock at once: one that reads first and then must upgrade cannot wait, only fail."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        url,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "barograph"},
        pool_pre_ping=True,
        pool_timeout=POOL_SECONDS,
    )


def shown(engine: sa.Engine) -> str:
    """An engine's address without its password."""
    if engine.dialect.name == "sqlite":
        return f"the database {Path(str(engine.url.database))}"
    return f"the database {engine.url.render_as_string(hide_password=True).partition('?')[0]}"
