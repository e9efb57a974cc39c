"""`barograph audit`: the audit log."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from barograph.api import audit as api
from barograph.cli.plain import as_json
from barograph.cli.show import Column, line, stdout, table
from barograph.cli.words import said
from barograph.govern.audit import Verified
from barograph.govern.storage import DEFAULT_URL

__all__ = ["group"]

group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
NONE = "none"


@group.callback()
def audit() -> None:
    """The words that follow `audit`."""


@group.command(help=said("audit.verify"))
def verify(
    journals: Annotated[Path, typer.Argument(metavar="FOLDER", help=said("option.journals"))],
    database: Annotated[str, typer.Option(metavar="URL", help=said("option.anchors"))] = DEFAULT_URL,
    archive: Annotated[Path | None, typer.Option(metavar="FOLDER", help=said("option.archive_read"))] = None,
    as_one_object: Annotated[bool, typer.Option("--json", help=said("option.json"))] = False,
) -> None:
    """Check the journals."""
    found = api.verify(journals, database=None if database == NONE else database, archive=archive)
    if as_one_object:
        told = {"passed": found.passed, **dataclasses.asdict(found)}
        sys.stdout.write(as_json(told) + "\n")
    else:
        _print(stdout(), found, anchored=database != NONE)
    if not found.passed:
        raise typer.Exit(2)


@group.command(help=said("audit.archive"))
def archive(
    journals: Annotated[Path, typer.Argument(metavar="FOLDER", help=said("option.journals"))],
    to: Annotated[Path, typer.Option(metavar="FOLDER", help=said("option.archive_to"))],
    who: Annotated[str, typer.Option("--as", metavar="NAME", help=said("option.as"))],
    database: Annotated[str, typer.Option(metavar="URL", help=said("option.anchors_only"))] = DEFAULT_URL,
) -> None:
    """Move closed files away."""
    moved = api.archive(journals, to, by=who, database=database)
    for one in moved:
        line(stdout(), said("audit.moved", chain=one.chain, first=one.first, last=one.last))
    line(stdout(), said("audit.moved_all", n=len(moved), place=to))


def _print(console: Console, found: Verified, *, anchored: bool) -> None:
    counts = {"lines": found.lines, "chains": len(found.chains)}
    if found.passed:
        line(console, said("audit.passed", anchors=found.anchors, **counts))
    else:
        line(console, said("audit.failed", faults=len(found.faults) + found.more, **counts))
        columns = [Column(said(f"column.{key}")) for key in ("chain", "file", "line", "fault", "detail")]
        rows = [
            [one.chain, one.file or "–", str(one.line or "–"), said(f"fault.{one.kind}"), one.detail]
            for one in found.faults
        ]
        table(console, said("title.faults"), columns, rows)
        if found.more:
            line(console, said("audit.more", n=found.more))
    if not anchored:
        line(console, said("audit.unanchored"))
    elif found.beyond:
        line(console, said("audit.beyond", lines=found.beyond))
    for chain, last in found.elsewhere.items():
        line(console, said("audit.elsewhere", chain=chain, last=last))
    for chain, first in found.begins.items():
        line(console, said("audit.begins", chain=chain, first=first))
    for file in found.torn:
        line(console, said("audit.torn", file=file))
