"""The section on a separate test file: what was scored, and what the figures are worth."""

from __future__ import annotations

from barograph.core.results import SeparateFigure, SeparateTest
from barograph.evaluate.report.blocks import Block, Bullets, Paragraph, Table
from barograph.evaluate.report.words import Words, number

DIGITS, SMALL = 4, 0.01


def separate_blocks(found: SeparateTest, champion: str, words: Words) -> tuple[Block, ...]:
    """What the shipped model said to a file that nothing was fitted on."""
    values = {"source": found.source, "rows": f"{found.rows:,}", "scored": f"{found.scored:,}"}
    lead = words(
        "report.separate.lead", model=words.model(champion), labelled=f"{found.labelled:,}", **values
    )
    told = words("report.separate.file", path=found.predictions)
    blocks: list[Block] = [Paragraph(lead), Paragraph(told, "note")]
    if found.figures:
        ahead = any(one.horizon for one in found.figures)
        heads = ("metric", *(["horizon"] if ahead else []), "value", "interval", "n")
        columns = tuple(words(f"report.separate.{name}") for name in heads)
        rows = tuple(_row(one, words, ahead=ahead) for one in found.figures)
        blocks.insert(1, Table(words("report.separate.caption"), columns, rows))
    else:
        blocks.insert(1, Paragraph(words("report.separate.no_labels")))
    return (*blocks, Bullets(found.notes)) if found.notes else tuple(blocks)


def _row(one: SeparateFigure, words: Words, *, ahead: bool) -> tuple[str, ...]:
    ends = "–" if one.lower is None or one.upper is None else f"{_said(one.lower)} … {_said(one.upper)}"
    horizon = [str(one.horizon)] if ahead else []
    return (words.metric(one.metric), *horizon, _said(one.value), ends, f"{one.n:,}")


def _said(value: float | None) -> str:
    """A figure; small ones (errors of rates) with three digits that count."""
    if value is None:
        return "–"
    return f"{value:.3g}" if 0.0 < abs(value) < SMALL else number(value, DIGITS)
