"""`barograph assess`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from barograph.api import answer as api
from barograph.cli.plain import as_json, plain
from barograph.cli.show import Column, stdout, table
from barograph.cli.words import said

__all__ = ["command", "show"]


def command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help=said("option.bundle"))],
    book: Annotated[Path, typer.Option(metavar="FILE", help=said("option.book"))],
    scenario: Annotated[Path | None, typer.Option(metavar="FILE", help=said("option.scenario"))] = None,
    as_one_object: Annotated[bool, typer.Option("--json", help=said("option.json"))] = False,
) -> None:
    """Figures of a book."""
    figures = plain(api.assess(bundle, book, scenario=scenario))
    if as_one_object:
        sys.stdout.write(as_json(figures) + "\n")
    else:
        show(stdout(), str(book), figures)


def show(console: Console, title: str, figures: dict[str, Any]) -> None:
    """Single figures as one table, then each list of records as a table of its own, nested mappings below."""
    single = {key: value for key, value in figures.items() if not isinstance(value, dict | list)}
    if single:
        columns = [Column(said("column.key")), Column(said("column.value"), figures=True)]
        table(console, title, columns, [[key, _cell(value)] for key, value in single.items()])
    for key, value in figures.items():
        if isinstance(value, dict):
            show(console, key, value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            _records(console, key, value)
        elif isinstance(value, list) and value:
            table(console, key, [Column(said("column.value"))], [[_cell(item)] for item in value])


def _records(console: Console, title: str, records: list[dict[str, Any]]) -> None:
    columns = [Column(key, figures=isinstance(value, int | float)) for key, value in records[0].items()]
    table(console, title, columns, [[_cell(row[column.title]) for column in columns] for row in records])


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.6g}"
    return "–" if value is None else str(value)
