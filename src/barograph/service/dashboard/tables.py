"""Rows of answers as tables that a page can show, with columns in the reader's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from barograph.core.texts import has_text, text
from barograph.service.dashboard.numbers import DASH, figure, percent

SHARES = ("volatility", "var_", "es_", "probability", "q_", "share", "diversification_share", "loss")
"""Beginnings of columns that hold shares of one."""
FACTORS = ("volatility_factor",)
"""Columns that begin like shares and are none."""
MOST = 200
"""Rows of a table; of more the first are shown, and how many there are is said."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its word, and whether it holds numbers."""

    name: str
    number: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    left_out: int = 0


def table(
    rows: Sequence[Mapping[str, Any]], lang: str, *, keep: Iterable[str] = (), shares: Sequence[str] = ()
) -> Table:
    """Rows as a table of all columns, or of those of `keep`, less empty ones; `shares` are in percent."""
    there = [name for name in (keep or (rows[0] if rows else ())) if rows and name in rows[0]]
    names = [name for name in there if any(row.get(name) not in (None, "") for row in rows)]
    numbers = {name for name in names if any(_is_number(row.get(name)) for row in rows)}
    return Table(
        [Column(named(name, lang), name in numbers) for name in names],
        [
            [
                cell(
                    row.get(name), lang, of=name, share=name.startswith(tuple(shares)) and name not in FACTORS
                )
                for name in names
            ]
            for row in rows[:MOST]
        ],
        max(0, len(rows) - MOST),
    )


def and_more(words: str, left_out: int, lang: str) -> str:
    """A caption that says how many of what it is about are not shown."""
    return f"{words} {text('dashboard_risk.left_out', lang, n=left_out)}" if left_out > 0 else words


def named(name: str, lang: str) -> str:
    """A column in the reader's words; one of the user's own is its own name."""
    for key in (f"dashboard_risk.column.{name}", f"book.column.{name}"):
        if has_text(key, lang):
            return text(key, lang)
    return name


def cell(value: Any, lang: str, *, of: str = "", share: bool = False) -> str:
    """One value of a column; a word of the program's own in the reader's language."""
    if isinstance(value, bool):
        return text(f"dashboard_risk.{'yes' if value else 'no'}", lang)
    if isinstance(value, str) and has_text(f"dashboard_risk.value.{of}.{value}", lang):
        return text(f"dashboard_risk.value.{of}.{value}", lang)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")
    if share and isinstance(value, float):
        return percent(value)
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return DASH if value is None or value == "" else figure(value, 4)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
