"""`barograph predict`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from barograph.api import answer as api
from barograph.cli.plain import as_json
from barograph.cli.show import Column, line, stdout, table
from barograph.cli.words import said

__all__ = ["command"]


def command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help=said("option.bundle"))],
    data: Annotated[str, typer.Option(metavar="FILE", help=said("option.data_predict"))],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help=said("option.out_file"))] = None,
    as_one_object: Annotated[bool, typer.Option("--json", help=said("option.json"))] = False,
) -> None:
    """Answer from a bundle."""
    frame = api.predict(bundle, data, out=out)
    if as_one_object:
        answer = {"bundle": bundle, "data": data, "out": out, "forecasts": frame.to_dicts()}
        sys.stdout.write(as_json(answer) + "\n")
        return
    console = stdout()
    if out is not None:
        line(console, said("wrote", path=out))
        return
    newest = frame.filter(pl.col("time") == pl.col("time").max().over("entity"))
    newest = newest.select(name for name in newest.columns if not name.startswith("q_"))
    columns = [Column(name, figures=kind.is_numeric()) for name, kind in newest.schema.items()]
    rows = [[_cell(value) for value in row] for row in newest.iter_rows()]
    table(console, said("title.forecasts", rows=frame.height, shown=newest.height), columns, rows)


def _cell(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "–" if value is None else str(value)
