"""What a driver's error means: try again, it is away, no room, or a rule of the database was broken."""

from __future__ import annotations

import sqlite3
from typing import Literal

import sqlalchemy as sa

from barograph.core.errors import StorageError, UnavailableError

Fault = Literal["again", "away", "full", "other"]

AGAIN = {"40001", "40P01", "55P03"}
"""SQLSTATE: serialization failure, deadlock, lock not available."""
AWAY = {"57P01", "57P02", "57P03", "53300", "25006"}
"""SQLSTATE: shutting down, crashed, starting up, too many connections, read-only (a standby)."""
FULL = {"53100"}
BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def fault_of(error: sa.exc.SQLAlchemyError) -> Fault:
    """The meaning of an error; "again": the whole transaction may be repeated at once."""
    if isinstance(error, sa.exc.TimeoutError):
        return "away"
    if not isinstance(error, sa.exc.DBAPIError):
        return "other"
    if isinstance(error.orig, sqlite3.Error):
        return _sqlite(error.orig)
    state = str(getattr(error.orig, "sqlstate", "") or "")
    if state in AGAIN:
        return "again"
    if state in FULL:
        return "full"
    lost = error.connection_invalidated or (isinstance(error, sa.exc.OperationalError) and not state)
    return "away" if lost or state in AWAY or state.startswith("08") else "other"


def _sqlite(error: sqlite3.Error) -> Fault:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in BUSY:
        return "again"
    return "full" if code == sqlite3.SQLITE_FULL else "other"


def explained(error: sa.exc.SQLAlchemyError, name: str, *, committing: bool = False) -> StorageError:
    """The error to raise for one that was not, or no longer, worth repeating."""
    fault = fault_of(error)
    said = _first_line(error)
    if committing and fault == "away":
        return StorageError(
            f"{name} must say whether it kept what was written",
            came=f"it went away while committing ({said})",
            do="Look whether it was kept before you repeat it",
        )
    if fault == "away":
        return UnavailableError(
            f"{name} must answer", came=said, do="Nothing was written; try again, and see that it runs"
        )
    if fault == "again":
        return UnavailableError(
            f"{name} must let a transaction through",
            came=f"others kept it busy ({said})",
            do="Nothing was written; try again",
        )
    if fault == "full":
        return StorageError(
            f"the disk of {name} must have room",
            came=f"it has none ({said})",
            do="Nothing was written; free space",
        )
    return StorageError(f"{name} must be readable and writable", came=said, do="Check it and its permissions")


def _first_line(error: sa.exc.SQLAlchemyError) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
