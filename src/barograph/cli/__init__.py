"""The command line: parses, calls `api`, prints. Each command's module is imported only when it is called.

Exit codes: 0 ran, 2 the input is not usable (one message on stderr), 1 our fault (one line on stderr, the
traceback in a file), 130 interrupted.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from typing import NoReturn

from barograph.cli.commands import application
from barograph.cli.words import said
from barograph.core.errors import InputError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; by default those of the process.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    sys.exit(_exit_code([word for word in given if word != "--debug"], debug=debug))


def _exit_code(arguments: list[str], *, debug: bool) -> int:
    try:
        application(arguments)(args=arguments, prog_name="barograph")
    except InputError as error:
        print(_safely("error.input", message=str(error)), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last resort: one line for people, the traceback in a file
        _our_fault(error, debug=debug)
        return 1
    return 0


def _our_fault(error: Exception, *, debug: bool) -> None:
    story = "".join(traceback.format_exception(error))
    kind = f"{type(error).__name__}: {error}".splitlines()[0]
    place = None if debug else _kept(story)
    if place is None:
        print(story, file=sys.stderr)
        print(_safely("error.ours_shown", kind=kind), file=sys.stderr)
    else:
        print(_safely("error.ours", kind=kind, place=place), file=sys.stderr)


def _kept(story: str) -> str | None:
    """The file that now holds the traceback; None where none can be written and it must be shown."""
    try:
        handle, name = tempfile.mkstemp(prefix="barograph-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(story)
    except OSError:
        return None
    return name


def _safely(key: str, **values: object) -> str:
    """The wording in the language asked for; in English where that language is itself what is wrong."""
    try:
        return said(key, **values)
    except InputError:
        return said(key, "en", **values)
