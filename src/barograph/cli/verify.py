"""`barograph verify`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from barograph.api import answer as api
from barograph.cli.plain import as_json, plain
from barograph.cli.show import Column, stdout, table
from barograph.cli.words import said

__all__ = ["command"]


def command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help=said("option.bundle"))],
    as_one_object: Annotated[bool, typer.Option("--json", help=said("option.json"))] = False,
) -> None:
    """Check a bundle; leaves with 2 if a check fails."""
    checks = [plain(check) for check in api.verify(bundle)]
    passed = all(check["passed"] for check in checks)
    if as_one_object:
        sys.stdout.write(as_json({"bundle": bundle, "passed": passed, "checks": checks}) + "\n")
    else:
        columns = [Column(said(f"column.{key}")) for key in ("check", "passed", "detail")]
        rows = [
            [check["name"], said("held.held" if check["passed"] else "held.failed"), check["detail"]]
            for check in checks
        ]
        table(stdout(), said("title.checks"), columns, rows)
    if not passed:
        raise typer.Exit(2)
