"""A file that somebody named is read, or refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from barograph.core.errors import StorageError


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Raise `StorageError` where the system does not let a file be read in the block."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{path} must be a readable file",
            came=error.strerror or type(error).__name__,
            do="Check the path and its permissions",
        ) from error
