"""What is said of a fault that is ours: one line for people, the traceback in a file."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback

from barograph.cli.words import safely

__all__ = ["told"]


def told(error: Exception, *, debug: bool) -> int:
    """Say it on stderr; the exit code."""
    story = "".join(traceback.format_exception(error))
    kind = f"{type(error).__name__}: {error}".splitlines()[0]
    place = None if debug else _kept(story)
    if place is None:
        print(story, file=sys.stderr)
        print(safely("error.ours_shown", kind=kind), file=sys.stderr)
    else:
        print(safely("error.ours", kind=kind, place=place), file=sys.stderr)
    return 1


def _kept(story: str) -> str | None:
    """The file that now holds the traceback; None where none can be written and it must be shown."""
    try:
        handle, name = tempfile.mkstemp(prefix="barograph-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(story)
    except OSError:
        return None
    return name
