"""The application made for one call."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from barograph import __version__
from barograph.cli.overview import COMMANDS, GROUPS
from barograph.cli.words import said

__all__ = ["application"]


def application(arguments: Sequence[str]) -> typer.Typer:
    """An application in which the commands named among the arguments are loaded.

    The others are known by name and help only: they cannot be called by these arguments, and their imports
    (polars, pydantic, torch) would cost every `--help` a second.
    """
    app = typer.Typer(
        help=said("app"),
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name in COMMANDS:
        if name not in arguments:
            app.command(name, help=said(f"command.{name}"))(_listed(name))
            continue
        module = _imported(f"barograph.cli.{name}")
        if name in GROUPS:
            app.add_typer(module.group, name=name, help=said(f"command.{name}"), no_args_is_help=True)
        else:
            app.command(name, help=said(f"command.{name}"))(module.command)
    return app


def _imported(name: str) -> Any:
    """A module with all it needs, which is never looked through for garbage: it lives as long as the process.

    That takes a fifth off the start of a service, and its later collections have less to walk.
    """
    if name in sys.modules:
        return sys.modules[name]
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        gc.freeze()
        gc.enable()


def _listed(name: str) -> Callable[[], None]:
    """What stands for a command that these arguments cannot reach."""

    def unreachable() -> None:
        raise AssertionError(f"'{name}' was called without being among the arguments")

    return unreachable


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help=said("option.version")),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help=said("option.debug"))] = False,
) -> None:
    """`--debug` is taken out of the arguments by `main`, wherever it stands; here it is for the help."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"barograph {__version__}")
        raise typer.Exit
