"""Closed files of the audit log moved to another place, so that what is left still proves itself."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections import deque
from pathlib import Path

import sqlalchemy as sa

from barograph.core.errors import SettingError, StorageError
from barograph.govern.access.users import checked_name
from barograph.govern.audit.anchors import last_anchor
from barograph.govern.audit.archived import Archived, archived_of
from barograph.govern.audit.files import chains_of, part_of, parts_of
from barograph.govern.audit.lines import decoded
from barograph.govern.audit.verify import verify_journals
from barograph.govern.storage import Database
from barograph.govern.tables import audit_archives

__all__ = ["archive_journals"]


def archive_journals(
    folder: Path | str, target: Path | str, database: Database, *, by: str
) -> list[Archived]:
    """Move every file that its chain has gone on from into another folder; they as they were.

    The service may run meanwhile: it writes to the last file of each chain. That stays, and so does the one
    before it for as long as the last holds no whole line: the chain would go on from there. A file is copied
    and synced, then the database is told, then the original goes; a run that was interrupted is finished by
    the next.

    Parameters
    ----------
    folder : Path
        Of the journals.
    target : Path
        Made if it is not there. Another one than `folder`, and none that holds other files of these names.
    by : str
        Who does it.

    Raises
    ------
    SettingError
        The two folders are one.
    StorageError
        The journals are not as they were written, a file was never anchored, another file of its name is in
        `target`, or a folder cannot be used.
    """
    place, aside, actor = Path(folder), Path(target), checked_name(by)
    found = verify_journals(place, database)
    if not found.passed:
        raise StorageError(
            f"journals must be as they were written before they are moved from {place}",
            came=f"{len(found.faults) + found.more} places are not",
            do="Run `barograph audit verify`, and keep the files where they are",
        )
    try:
        aside.mkdir(parents=True, exist_ok=True)
        _check_other(place, aside)
        known = archived_of(database)
        closed = [(path, chain) for chain in chains_of(place) for path in _closed(parts_of(place, chain))]
        for path, _ in closed:
            _check_free(path, aside / path.name)
        return [
            _moved(path, aside, database, known.get(chain, {}), chain=chain, by=actor)
            for path, chain in closed
        ]
    except OSError as error:
        raise StorageError(
            f"{place} and {aside} must be folders that can be written, with room on their disks",
            came=f"the system said: {error.strerror or error}",
            do="See to them, then run it again",
        ) from error


def _check_other(place: Path, aside: Path) -> None:
    """Refuse one folder under two names: what was copied onto itself would then be deleted."""
    if aside.samefile(place):
        raise SettingError(
            "journals must be moved into another folder than theirs",
            came=f"{aside} is {place}",
            do="Name another folder with --to",
        )


def _check_free(path: Path, target: Path) -> None:
    """Refuse to write over a file of another service, whose chain has the same name."""
    if target.exists() and not filecmp.cmp(path, target, shallow=False):
        raise StorageError(
            "a journal's file must not take the place of another",
            came=f"{target} is there already and is not {path}",
            do="Move the journals of each service into a folder of their own",
        )


def _closed(paths: list[Path]) -> list[Path]:
    """The files before the newest one that holds a whole line, from which the chain goes on."""
    newest = max((place for place, path in enumerate(paths) if _has_line(path)), default=0)
    return paths[:newest]


def _has_line(path: Path) -> bool:
    with path.open("rb") as file:
        return file.readline().endswith(b"\n")


def _moved(
    path: Path, aside: Path, database: Database, known: dict[int, Archived], *, chain: str, by: str
) -> Archived:
    one = _about(path, chain)
    anchored = last_anchor(database, chain)
    if anchored is None or anchored[0] < one.last:
        raise StorageError(
            "a journal's file must be anchored in the database before it is moved",
            came=f"{path} holds record {one.last:,}, which is not",
            do="Name the folder of --audit and the database of that service",
        )
    _copied(path, aside)
    if one.part not in known:
        columns = {"chain": chain, "part": one.part, "first": one.first, "last": one.last, "hash": one.hash}
        row = {**columns, "at": database.clock(), "actor": by}
        database.write(lambda connection: connection.execute(sa.insert(audit_archives), row))
    path.unlink()
    return one


def _about(path: Path, chain: str) -> Archived:
    """The records of a file that was verified a moment ago."""
    with path.open("rb") as file:
        first = file.readline()
        last = next(iter(deque(file, maxlen=1)), first)
    begin, end = decoded(first), decoded(last)
    if begin is None or end is None:
        raise StorageError(
            f"{path} must hold the lines of a journal", came="it does not", do="Run `barograph audit verify`"
        )
    return Archived(chain, part_of(path), begin[0].sequence, end[0].sequence, end[0].hash)


def _copied(path: Path, aside: Path) -> None:
    """A copy that is on disk under its name when this returns, or none."""
    fresh = aside / f"{path.name}.new"
    shutil.copyfile(path, fresh)
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(fresh, aside / path.name)
    holder = os.open(aside, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(holder)
    finally:
        os.close(holder)
