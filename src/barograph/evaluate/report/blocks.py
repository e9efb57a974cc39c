"""What a view answers with: plain blocks that the template knows how to print.

Text in a block is plain text; the template escapes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import plotly.graph_objects as go


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `tone` is "" (body), "lead" (the verdict) or "note" (small print)."""

    text: str
    tone: Literal["", "lead", "note"] = ""
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a part."""

    text: str
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of sentences, numbered where their order matters."""

    items: tuple[str, ...]
    ordered: bool = False
    kind: Literal["bullets"] = "bullets"


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A number, what it is, and what to hold it against."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """Four to six numbers in a row."""

    items: tuple[KeyFigure, ...]
    kind: Literal["figures"] = "figures"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: text, a smaller second line, whether it stands out, and why it is blank."""

    text: str
    small: str = ""
    strong: bool = False
    reason: str = ""  # a blank cell's reason becomes a numbered note below the table


Row: TypeAlias = tuple[str | Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; cells are strings or `Cell`; the first `words` columns hold words, the others numbers.

    `below` holds a sentence for each row, printed under it over the whole width; empty for none.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    words: int = 1
    note: str = ""
    below: tuple[str, ...] = ()
    kind: Literal["table"] = "table"

    @property
    def cells(self) -> tuple[tuple[Cell, ...], ...]:
        """Every cell as a `Cell`."""
        return tuple(tuple(c if isinstance(c, Cell) else Cell(c) for c in row) for row in self.rows)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons of blank cells, each once, in order of appearance."""
        return tuple(dict.fromkeys(cell.reason for row in self.cells for cell in row if cell.reason))


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its caption; the caption says in words what there is to see."""

    figure: go.Figure
    caption: str
    kind: Literal["chart"] = "chart"


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks behind a line that opens on demand."""

    title: str
    blocks: tuple[Block, ...]
    kind: Literal["fold"] = "fold"


@dataclass(frozen=True, slots=True)
class Choice:
    """Panels of which the reader sees one, or all."""

    label: str
    all_label: str
    panels: tuple[tuple[str, tuple[Block, ...]], ...]  # title, blocks
    kind: Literal["choice"] = "choice"


@dataclass(frozen=True, slots=True)
class Grid:
    """Blocks side by side where the page is wide enough."""

    blocks: tuple[Block, ...]
    kind: Literal["grid"] = "grid"


@dataclass(frozen=True, slots=True)
class Code:
    """Preformatted text."""

    text: str
    kind: Literal["code"] = "code"


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms and their meaning."""

    items: tuple[tuple[str, str], ...]
    kind: Literal["terms"] = "terms"


Block: TypeAlias = (
    Paragraph | Heading | Bullets | KeyFigures | Table | Chart | Fold | Choice | Grid | Code | Terms
)
