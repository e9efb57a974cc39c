"""Long lists, a page at a time: each page goes on behind the last row of the one before (keyset)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from barograph.core.errors import SettingError
from barograph.govern.storage.database import Database

By = tuple[sa.ColumnElement[Any], bool]
"""What rows are ordered by, and whether the largest comes first."""


def page_of(
    database: Database,
    statement: sa.Select[Any],
    by: Sequence[By],
    identity: sa.ColumnElement[str],
    *,
    most: int,
    after: str = "",
) -> list[sa.RowMapping]:
    """The first rows of a list, or those behind one of them.

    Parameters
    ----------
    statement : sqlalchemy.Select
        The list, not yet ordered.
    by : sequence of (column, bool)
        Its order, which leaves no two rows alike: the last of these must be the identity.
    identity : column
        What names a row.
    most : int
        Rows at most.
    after : str
        The row behind which to go on, wherever it stands by now; "" for the first page.

    Raises
    ------
    SettingError
        There is no such row, or it was never in that list.
    """
    columns = [column for column, _ in by]
    ordered = statement.order_by(*(column.desc() if falling else column for column, falling in by)).limit(
        most
    )

    def read(connection: sa.Connection) -> list[sa.RowMapping]:
        wanted = ordered
        if after:
            last = connection.execute(sa.select(*columns).where(identity == after)).one_or_none()
            if last is None or None in last:
                raise SettingError(
                    "a page must go on behind a row of its list",
                    came=f"got after '{after[:100]}', which is none",
                    do="Give what the page before called next, or leave it out to begin anew",
                )
            wanted = ordered.where(_behind(by, tuple(last)))
        return list(connection.execute(wanted).mappings().all())

    return database.read(read)


def _behind(by: Sequence[By], last: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Rows that come later in an order than one of these values."""
    found: list[sa.ColumnElement[bool]] = []
    same: list[sa.ColumnElement[bool]] = []
    for (column, falling), value in zip(by, last, strict=True):
        found.append(sa.and_(*same, column < value if falling else column > value))
        same.append(column == value)
    return sa.or_(*found)
