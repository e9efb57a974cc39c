"""`barograph watch`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.plain import as_json
from barograph.cli.words import said
from barograph.service.watch.start import Wanted, watch

__all__ = ["command"]


def command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help=said("option.bundle"))],
    source: Annotated[str, typer.Option("--from", metavar="URL", help=said("option.from_stream"))],
    results: Annotated[
        str | None, typer.Option("--to", metavar="STREAM", help=said("option.to_stream"))
    ] = None,
    state: Annotated[str, typer.Option(metavar="DIR|URL", help=said("option.state"))] = "barograph-state",
    group: Annotated[str, typer.Option(metavar="NAME", help=said("option.group"))] = "barograph",
    every: Annotated[
        float, typer.Option("--snapshot", min=0.1, metavar="SECONDS", help=said("option.snapshot"))
    ] = 30.0,
    keep: Annotated[int | None, typer.Option(min=1, metavar="N", help=said("option.keep"))] = None,
    until_idle: Annotated[bool, typer.Option("--until-idle", help=said("option.until_idle"))] = False,
) -> None:
    """Score a stream until told to stop; stderr hears how far it is, stdout what became of the entries."""
    counts = watch(Wanted(bundle, source, results, state, group, every, keep), until_idle=until_idle)
    sys.stdout.write(as_json({"entries": sum(counts.values()), "counts": counts}) + "\n")
