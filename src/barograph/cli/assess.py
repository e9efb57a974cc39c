"""`barograph assess`."""

from __future__ import annotations

import enum
import functools
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from barograph.api import assess as api
from barograph.cli.plain import as_json, plain
from barograph.cli.show import Column, line, stdout, table
from barograph.cli.words import language, said
from barograph.core.book import CURRENCY
from barograph.core.errors import SettingError
from barograph.core.notes import in_language
from barograph.core.texts import has_text, text

__all__ = ["command", "show"]


class Yields(enum.StrEnum):
    """What the yields of a curve are."""

    par = "par"
    zero = "zero"


def command(
    bundle: Annotated[list[Path], typer.Argument(metavar="BUNDLE…", help=said("option.bundle"))],
    book: Annotated[list[Path] | None, typer.Option(metavar="FILE", help=said("option.book"))] = None,
    scenario: Annotated[str | None, typer.Option(metavar="FILE|NAME", help=said("option.scenario"))] = None,
    calibration: Annotated[
        str | None, typer.Option(metavar="FILE|NAME", help=said("option.calibration"))
    ] = None,
    yields: Annotated[Yields, typer.Option(help=said("option.yields"))] = Yields.par,
    as_one_object: Annotated[bool, typer.Option("--json", help=said("option.json"))] = False,
) -> None:
    """Figures of a book; of several, each on its bundle, with what a scenario does to all of them."""
    books: list[Path | None] = [*(book or [])]
    if len(books) > len(bundle):
        raise SettingError(
            "each book must have its bundle",
            came=f"got {len(bundle)} bundles and {len(books)} books",
            do="Name the bundles in the order of the books",
        )
    pairs = list(zip(bundle, [*books, *[None] * (len(bundle) - len(books))], strict=True))
    ask = functools.partial(
        api.assess_together, scenario=scenario, calibration=calibration, yields=yields.value
    )
    together = plain(ask(pairs))
    figures = together["books"][0] if len(pairs) == 1 else together
    if as_one_object:
        sys.stdout.write(as_json(figures) + "\n")
    elif len(pairs) == 1:
        show(stdout(), _named(*pairs[0]), figures)
    else:
        for pair, one in zip(pairs, figures["books"], strict=True):
            show(stdout(), _named(*pair), one)
        _records(stdout(), _called("title", "together"), figures["together"])


def _named(bundle: Path, book: Path | None) -> str:
    return str(book or bundle)


WIDE = ("title", "source")
"""Texts of a record that stand in lines below its table."""


def show(console: Console, title: str, figures: dict[str, Any]) -> None:
    """Single figures as one table, then each list of records as a table of its own, nested mappings below."""
    single = {key: value for key, value in figures.items() if not isinstance(value, dict | list)}
    if single:
        columns = [Column(said("column.key")), Column(said("column.value"), figures=True)]
        table(
            console, title, columns, [[_called("column", key), _cell(value)] for key, value in single.items()]
        )
    for key, value in figures.items():
        if isinstance(value, dict):
            show(console, _called("title", key), value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            _records(console, _called("title", key), value)
        elif isinstance(value, list) and value:
            line(console, _called("title", key))
            for item in value:
                line(console, f"- {in_language(_cell(item), language())}")
            line(console)


def _records(console: Console, title: str, records: list[dict[str, Any]]) -> None:
    keys = [key for key in records[0] if key not in WIDE]
    figures = {
        key: any(isinstance(row[key], int | float) and not isinstance(row[key], bool) for row in records)
        for key in keys
    }
    columns = [Column(_called("column", key), figures=figures[key]) for key in keys]
    table(console, title, columns, [[_cell(row[key]) for key in keys] for row in records])
    if "source" in records[0]:
        for row in records:
            line(console, text("book.source", language(), **{key: row[key] for key in ("scenario", *WIDE)}))
        line(console)


def _called(kind: str, key: str) -> str:
    """The heading of a key of the figures, with a currency behind it if it has one; else the key itself."""
    stem, _, currency = key.rpartition("_")
    for name, behind in ((key, ""), (stem, f" {currency}" if CURRENCY.fullmatch(currency) else None)):
        if behind is not None and has_text(f"book.{kind}.{name}", language()):
            return text(f"book.{kind}.{name}", language()) + behind
    return key


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4g}"
    return "–" if value in (None, "") else str(value)
