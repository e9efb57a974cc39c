"""`barograph snapshots`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from barograph.api.snapshots import Card, place, snapshots
from barograph.cli.plain import as_json
from barograph.cli.show import Column, line, stdout, table
from barograph.cli.words import said

__all__ = ["command"]


def command(
    as_one_object: Annotated[bool, typer.Option("--json", help=said("option.json"))] = False,
) -> None:
    """List the tables that are kept."""
    cards = snapshots()
    if as_one_object:
        sys.stdout.write(as_json({"place": place(), "snapshots": cards}) + "\n")
        return
    console = stdout()
    if not cards:
        line(console, said("no_snapshots", place=place()))
        return
    columns = [Column(said(f"column.{key}")) for key in ("snapshot", "kept")]
    columns += [Column(said(f"column.{key}"), figures=True) for key in ("rows", "size")]
    columns += [Column(said(f"column.{key}")) for key in ("source", "studies")]
    table(console, said("title.snapshots", place=place()), columns, [_row(card) for card in cards])


def _row(card: Card) -> list[str]:
    studies = dict.fromkeys(str(one["study"]) for one in card.studies)
    size = f"{card.bytes / 2**20:.1f}"
    return [card.hash[:12], card.kept[:16], f"{card.rows:,}", size, card.source, ", ".join(studies)]
