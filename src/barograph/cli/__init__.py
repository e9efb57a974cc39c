"""The command line: parses, calls `api`, prints. What a command needs is imported only then.

Exit codes: 0 ran, 2 the input is not usable (one message on stderr), 1 our fault (one line on stderr, the
traceback in a file), 130 interrupted, 141 who read us stopped reading.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from barograph.cli.overview import overview
from barograph.cli.words import safely
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
        if not arguments or arguments in (["--help"], ["-h"]):
            return _shown(overview(), 0 if arguments else 2)
        commands = importlib.import_module("barograph.cli.commands")
        commands.application(arguments)(args=arguments, prog_name="barograph")
    except InputError as error:
        print(safely("error.input", message=str(error)), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last resort: one line for people, the traceback in a file
        return int(importlib.import_module("barograph.cli.fault").told(error, debug=debug))
    return 0


def _shown(page: str, code: int) -> int:
    """Print a page; who reads it, such as `head`, may have enough. (In a command Typer sees to that.)"""
    try:
        print(page)
        sys.stdout.flush()
    except BrokenPipeError:  # nothing may be flushed to it at the end either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code
