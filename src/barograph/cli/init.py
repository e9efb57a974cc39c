"""`barograph init`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from barograph.api import shipped as api
from barograph.cli.words import said

__all__ = ["command"]


def command(
    study: Annotated[str, typer.Argument(metavar="STUDY", help=said("option.study_name"))],
    budget: Annotated[str, typer.Option(help=said("option.budget"))] = "standard",
) -> None:
    """Write the full settings as YAML."""
    sys.stdout.write(api.init(study, budget=budget))
