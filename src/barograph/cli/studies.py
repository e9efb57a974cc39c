"""`barograph studies`."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from barograph.api import shipped as api
from barograph.cli.plain import as_json
from barograph.cli.show import Column, stdout, table
from barograph.cli.words import language, said
from barograph.core.notes import in_language

__all__ = ["command"]


def command(
    as_one_object: Annotated[bool, typer.Option("--json", help=said("option.json"))] = False,
) -> None:
    """List what is shipped."""
    found = api.studies()
    if as_one_object:
        sys.stdout.write(as_json({"studies": found}) + "\n")
        return
    console = stdout()
    columns = [Column(said(f"column.{key}")) for key in ("study", "question", "sample", "baselines")]
    table(console, said("title.studies"), columns, [_row(row) for row in found])
    for row in found:
        _budgets(row)


def _row(row: dict[str, Any]) -> list[str]:
    return [
        row["study"],
        in_language(row["question"], language()),
        row["source"],
        ", ".join(row["baselines"]),
    ]


def _budgets(row: dict[str, Any]) -> None:
    columns = [Column(said(f"column.{key}")) for key in ("budget", "series", "networks")]
    columns.append(Column(said("column.minutes"), figures=True))
    rows = [
        [
            name,
            ", ".join(budget["entities"]) or said("all"),
            ", ".join(budget["networks"]),
            f"{budget['minutes']:g}",
        ]
        for name, budget in row["budgets"].items()
    ]
    table(stdout(), said("title.budgets", study=row["study"]), columns, rows)
