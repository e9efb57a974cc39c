"""The audit log, checked."""

from __future__ import annotations

from pathlib import Path

from barograph.api.models import opened
from barograph.govern.audit import Archived, Verified, archive_journals, verify_journals
from barograph.govern.storage import DEFAULT_URL


def verify(
    folder: str | Path, *, database: str | None = DEFAULT_URL, archive: str | Path | None = None
) -> Verified:
    """Check every line of every journal in a folder, with the anchors of a database (`verify_journals`)."""
    if database is None:
        return verify_journals(folder, archive=archive)
    with opened(database) as kept:
        return verify_journals(folder, kept, archive=archive)


def archive(folder: str | Path, to: str | Path, *, by: str, database: str = DEFAULT_URL) -> list[Archived]:
    """Move the files of journals that were gone on from to another folder (`archive_journals`)."""
    with opened(database) as kept:
        return archive_journals(folder, to, kept, by=by)
