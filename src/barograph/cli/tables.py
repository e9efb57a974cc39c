"""`barograph tables`: the database's tables as files, and old rows forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barograph.api import tables as api
from barograph.cli.cells import rows_of
from barograph.cli.models import Where
from barograph.cli.show import line, stdout
from barograph.cli.words import said
from barograph.govern.storage import DEFAULT_URL

__all__ = ["group"]

group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@group.command("list", help=said("tables.list"))
def listed() -> None:
    """All tables."""
    rows = [[name, said("tables.may_go" if goes else "tables.kept")] for name, goes in api.names().items()]
    rows_of("tables", ("table", "old_rows"), rows)


@group.command(help=said("tables.export"))
def export(
    named: Annotated[
        list[str] | None, typer.Argument(metavar="TABLE…", help=said("option.tables_named"))
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help=said("option.tables_out"))] = Path("tables"),
    database: Where = DEFAULT_URL,
) -> None:
    """Write tables as Parquet."""
    for path, rows in api.write(named or (), out, database=database).items():
        line(stdout(), said("tables.wrote", path=path, rows=rows))


@group.command(help=said("tables.forget"))
def forget(
    table: Annotated[str, typer.Argument(metavar="TABLE", help=said("option.one_table"))],
    days: Annotated[int, typer.Option(metavar="DAYS", help=said("option.days"))],
    database: Where = DEFAULT_URL,
) -> None:
    """Delete old rows."""
    rows = api.drop_old(table, days=days, database=database)
    line(stdout(), said("tables.forgot", table=table, rows=rows))
