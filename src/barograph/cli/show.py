"""Tables and lines: drawn in a terminal, plain aligned text where the output goes into a pipe or a file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["Column", "line", "number", "p_value", "percent", "plain", "stdout", "table"]

BLANK = "–"
ROOM = 8
"""Characters that a column of words keeps in a narrow terminal."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, and whether it holds figures (set to the right)."""

    title: str
    figures: bool = False


def stdout() -> Console:
    """The console that results go to."""
    return Console(highlight=False, markup=False, emoji=False)


def line(console: Console, words: str = "") -> None:
    """One line of words, wrapped by nobody but the terminal, so that paths can be copied."""
    console.print(Text(words), soft_wrap=True)


def table(console: Console, title: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """A table under its title; in a terminal, cells fold rather than vanish when it is narrow."""
    cells = [list(row) for row in rows]
    if console.is_terminal:
        console.print(_drawn(title, columns, cells, width=console.width))
        return
    line(console, title)
    for text in aligned(columns, cells):
        line(console, text)
    line(console)


def _drawn(title: str, columns: Sequence[Column], cells: Sequence[Sequence[str]], *, width: int) -> Table:
    """The table for a terminal. Figures stay on one line as long as that leaves the words some room."""
    drawn = Table(
        title=Text(title), title_justify="left", box=SIMPLE_HEAD, title_style="bold", pad_edge=False
    )
    needed = [max((cell_len(row[i]) for row in cells), default=0) for i in range(len(columns))]
    taken = sum(n if column.figures else ROOM for n, column in zip(needed, columns, strict=True))
    fits = taken + 2 * len(columns) <= width
    for column, least in zip(columns, needed, strict=True):
        drawn.add_column(
            Text(column.title),
            justify="right" if column.figures else "left",
            overflow="fold",
            min_width=least if fits and column.figures else None,
        )
    for row in cells:
        drawn.add_row(*(Text(cell) for cell in row))
    return drawn


def aligned(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    """The heading and the rows as text, columns two spaces apart; wide (Chinese) characters count as two.

    Examples
    --------
    >>> aligned([Column("asset"), Column("VaR", figures=True)], [["ko", "1.50"]])
    ['asset   VaR', 'ko     1.50']
    """
    lines = [[column.title for column in columns], *rows]
    widths = [max(cell_len(row[i]) for row in lines) for i in range(len(columns))]
    return [
        "  ".join(
            _padded(cell, width, right=column.figures)
            for cell, width, column in zip(row, widths, columns, strict=True)
        ).rstrip()
        for row in lines
    ]


def _padded(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if right else cell + space


def number(value: float | None) -> str:
    """A signed figure with four decimals, or three digits if it is tiny; a dash where there is none.

    Examples
    --------
    >>> number(-0.0123), number(0.00000123), number(None)
    ('-0.0123', '+1.23e-06', '–')
    """
    if value is None or not math.isfinite(value):
        return BLANK
    return f"{value:+.2e}" if 0 < abs(value) < 5e-4 else f"{value:+.4f}"


def plain(value: float | None) -> str:
    """A figure with four decimals; a dash where there is none.

    Examples
    --------
    >>> plain(0.70261), plain(None)
    ('0.7026', '–')
    """
    return BLANK if value is None or not math.isfinite(value) else f"{value:.4f}"


def p_value(value: float | None) -> str:
    """A p-value with three decimals, ``< .001`` below; a dash where there is none.

    Examples
    --------
    >>> p_value(0.0312), p_value(1e-9)
    ('.031', '< .001')
    """
    if value is None or not math.isfinite(value):
        return BLANK
    if value < 0.001:
        return "< .001"
    return f"{value:.3f}".removeprefix("0")


def percent(value: float | None) -> str:
    """A decimal as a figure in percent, two decimals; a dash where there is none.

    Examples
    --------
    >>> percent(0.0234)
    '2.34'
    """
    return BLANK if value is None or not math.isfinite(value) else f"{100 * value:.2f}"
