"""The audit log, checked."""

from __future__ import annotations

from pathlib import Path

from barograph.api.models import opened
from barograph.govern.audit import Verified, verify_journals
from barograph.govern.storage import DEFAULT_URL


def verify(folder: str | Path, *, database: str | None = DEFAULT_URL) -> Verified:
    """Check every line of every journal in a folder, with the anchors of a database (`verify_journals`)."""
    if database is None:
        return verify_journals(folder)
    with opened(database) as kept:
        return verify_journals(folder, kept)
