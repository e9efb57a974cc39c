"""What was assumed while a table was read, as a short table; `run` and `inspect` print the same."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from barograph.cli.show import BLANK, Column, table
from barograph.cli.words import said
from barograph.core.records import Assumed
from barograph.core.texts import has_text

__all__ = ["assumed_table"]

FLAGS = {
    "collect.time": "--time COLUMN",
    "collect.target": "--target COLUMN",
    "collect.entity": "--entity COLUMN",
    "collect.encoding": "--encoding NAME",
    "collect.delimiter": "--delimiter SIGN",
    "collect.written": '--set "collect.written.COLUMN=…"',
    "collect.ignore": "",
}
"""Setting -> the flag that changes it, where it has one of its own; "" where there is nothing to choose."""
SHOWN = 8
"""Columns named in one row, at most."""


def assumed_table(console: Console, assumed: Iterable[Assumed], lang: str) -> None:
    """One row for each thing that was assumed, the columns it was assumed of together."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for one in assumed:
        grouped.setdefault((one.what, one.value, one.setting), []).append(one.column)
    rows = [
        [
            said(f"reading.what.{what}", lang),
            _columns(columns),
            _value(what, value, lang),
            _flag(what, setting),
        ]
        for (what, value, setting), columns in grouped.items()
    ]
    if rows:
        titles = [
            Column(said(f"column.{key}", lang)) for key in ("assumed", "column", "read_as", "to_change")
        ]
        table(console, said("title.assumed", lang), titles, rows)


def _columns(names: list[str]) -> str:
    filled = [name for name in names if name]
    more = f" … (+{len(filled) - SHOWN})" if len(filled) > SHOWN else ""
    return (", ".join(filled[:SHOWN]) + more) or BLANK


def _value(what: str, value: str, lang: str) -> str:
    key = f"reading.value.{what}.{value.replace(' ', '_')}"
    return said(key, lang) if has_text(f"cli.{key}", lang) else value


def _flag(what: str, setting: str) -> str:
    if what == "time" and not setting:
        return FLAGS["collect.time"]
    return (FLAGS.get(setting, f'--set "{setting}=…"') if setting else "") or BLANK
