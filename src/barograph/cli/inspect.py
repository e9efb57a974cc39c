"""`barograph inspect`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from barograph.api.inspection import Checked, Inspection, check, inspect, propose
from barograph.cli.plain import as_json
from barograph.cli.progress import drawn
from barograph.cli.reading import assumed_table
from barograph.cli.show import Column, line, percent, stdout, table
from barograph.cli.source import with_query
from barograph.cli.words import language, said
from barograph.core.notes import in_language

__all__ = ["command"]


def command(
    data: Annotated[str, typer.Argument(metavar="FILE|URL", help=said("option.data_inspect"))],
    query: Annotated[str | None, typer.Option(metavar="TABLE|SELECT", help=said("option.query"))] = None,
    encoding: Annotated[str | None, typer.Option(metavar="NAME", help=said("option.encoding"))] = None,
    delimiter: Annotated[str | None, typer.Option(metavar="SIGN", help=said("option.delimiter"))] = None,
    contract: Annotated[
        str | None, typer.Option(metavar="FILE", help=said("option.contract_inspect"))
    ] = None,
    write_contract: Annotated[
        str | None, typer.Option(metavar="FILE", help=said("option.write_contract"))
    ] = None,
    as_one_object: Annotated[bool, typer.Option("--json", help=said("option.json"))] = False,
) -> None:
    """Show how a table would be read, or hold it against a contract."""
    source, form = with_query(data, query), {"encoding": encoding or "", "delimiter": delimiter or ""}
    if contract is not None:
        _hold(check(source, contract, **form), as_one_object=as_one_object)
    elif write_contract is not None:
        line(stdout(), said("wrote", path=propose(source, write_contract, **form)))
    else:
        with drawn(language(), silent=as_one_object):
            found = inspect(source, **form)
        _show(found, as_one_object=as_one_object)


def _hold(found: Checked, *, as_one_object: bool) -> None:
    """Say that the contract is kept, or raise the error that lists what breaks it."""
    if as_one_object:
        told = {"label": found.label, "contract": found.contract, "rows": found.findings.rows}
        sys.stdout.write(as_json({**told, "violations": found.findings.violations}) + "\n")
    elif found.refusal is None:
        rows = f"{found.findings.rows:,}"
        line(stdout(), said("keeps", label=found.label, contract=found.contract, rows=rows))
    if found.refusal is not None:
        raise found.refusal


def _show(found: Inspection, *, as_one_object: bool) -> None:
    if as_one_object:
        sys.stdout.write(as_json({**asdict(found), "commands": found.commands}) + "\n")
        return
    _tell(found)


def _tell(found: Inspection) -> None:
    console = stdout()
    columns = [Column(said(f"column.{key}")) for key in ("column", "kind", "part")]
    columns += [Column(said(f"column.{key}"), figures=True) for key in ("missing", "distinct")]
    columns.append(Column(said("column.examples")))
    rows = [
        [
            one.name,
            said(f"kind.{one.kind}"),
            said(f"part.{one.part.replace(' ', '_')}"),
            percent(one.missing),
            f"{one.distinct:,}",
            ", ".join(one.examples),
        ]
        for one in found.columns
    ]
    table(console, said("title.inspect", label=found.label, rows=f"{found.rows:,}"), columns, rows)
    for note in (*found.notes, *(note for one in found.columns for note in one.notes)):
        line(console, f"- {in_language(note, language())}")
    if found.commands:
        line(console)
        line(console, said("title.could_run"))
        for command_line in found.commands:
            line(console, f"  {command_line}")
    for reading in found.readings:
        line(console)
        line(console, reading.command)
        if reading.refused:
            line(console, said("error.input", message=reading.refused))
        assumed_table(console, reading.assumed, language())
    if not found.readings:
        assumed_table(console, found.assumed, language())
