"""The tables of a database: on their way out as files, and old rows forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from barograph.api.models import opened
from barograph.core.errors import StorageError
from barograph.govern.storage import DEFAULT_URL, export, forget, forgettable, tables


def names() -> dict[str, bool]:
    """Every table, and whether its old rows may be deleted."""
    may_go = forgettable()
    return {name: name in may_go for name in tables()}


def write(named: Sequence[str], folder: str | Path, *, database: str = DEFAULT_URL) -> dict[Path, int]:
    """Write tables (none named: all) as Parquet into a folder; the files, and the rows of each.

    Raises
    ------
    SettingError
        There is no such table.
    StorageError
        The folder or the database cannot be used.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{place} must be a folder that can be written",
            came=f"the system said: {error.strerror or error}",
            do="Name another one",
        ) from error
    with opened(database) as kept:
        return {
            place / f"{one}.parquet": export(kept, one, place / f"{one}.parquet") for one in named or tables()
        }


def drop_old(table: str, *, days: int, database: str = DEFAULT_URL) -> int:
    """Delete the rows of a table that are older than some days; how many were (see `storage.forget`)."""
    with opened(database) as kept:
        return forget(kept, table, days=days)
