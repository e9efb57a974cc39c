"""What the tables share: one list of them, names of constraints, instants."""

from __future__ import annotations

import datetime as dt
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

METADATA: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

AGE: Final = "age"
"""Key of `Table.info`: the column whose instant makes a row old; a table without one is kept for ever."""
DONE: Final = "done"
"""Key of `Table.info`: columns of which one must be filled before a row may go, however old it is."""


class Instant(sa.types.TypeDecorator[dt.datetime]):
    """An instant in UTC, to the microsecond; with a zone in Python and in PostgreSQL, as text in SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Into the database: an instant must say its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant must have a zone: {value!r}")
        moved = value.astimezone(dt.UTC)
        return moved.replace(tzinfo=None) if dialect.name == "sqlite" else moved

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Out of the database: always in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def instant(name: str, *, nullable: bool = False) -> sa.Column[dt.datetime]:
    """A column of instants."""
    return sa.Column(name, Instant(), nullable=nullable)


def words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    """A column of text."""
    return sa.Column(name, sa.Text(), nullable=nullable)
