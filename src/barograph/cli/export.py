"""`barograph export`."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer

from barograph.api import export as api
from barograph.cli.plain import as_json
from barograph.cli.show import line, stdout
from barograph.cli.words import language, said
from barograph.core.notes import in_language

__all__ = ["command"]


def command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help=said("option.bundle"))],
    mlflow: Annotated[Path, typer.Option("--mlflow", metavar="FOLDER", help=said("option.mlflow"))],
    as_one_object: Annotated[bool, typer.Option("--json", help=said("option.json"))] = False,
) -> None:
    """Write a bundle for another registry."""
    exported = api.export(bundle, mlflow=mlflow)
    if as_one_object:
        sys.stdout.write(as_json({"bundle": bundle, **dataclasses.asdict(exported)}) + "\n")
        return
    state = in_language(exported.state, language())
    line(stdout(), said("exported", path=exported.folder, study=exported.study, state=state))
