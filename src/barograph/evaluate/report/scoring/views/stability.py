"""Whether the population moved: stability of score and columns by vintage, and vintages as they age."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.evaluate.records.stability import Stability
from barograph.evaluate.report.blocks import Block, Cell, Chart, Paragraph, Row, Table
from barograph.evaluate.report.scoring.content import ScoringContent
from barograph.evaluate.report.scoring.views import findings
from barograph.evaluate.report.words import BLANK, Words, number, percent

_MOST_COLUMNS = 25


def stability(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """PSI of the score, CSI of the columns, records unlike those trained on."""
    found = content.stability
    if found is None:
        return ()
    limits = {"watch": number(findings.PSI_WATCH, 2), "act": number(findings.PSI_ACT, 2)}
    blocks: list[Block] = [Paragraph(words("credit.stability.intro", **limits))]
    if len(found.blocks) > 2:
        blocks.append(_lines(found, words))
    blocks.append(_table(content, found, words))
    if found.columns:
        blocks.append(_heat(found, words))
    return tuple(blocks)


def _lines(found: Stability, words: Words) -> Chart:
    figure = charts.by_block(
        found.blocks,
        lines={words("credit.stability.score"): found.score},
        y_label="PSI",
        y_format=".2f",
        limits={
            words("credit.stability.watch"): findings.PSI_WATCH,
            words("credit.stability.act"): findings.PSI_ACT,
        },
        from_zero=True,
    )
    return Chart(figure, words("credit.stability.chart", model=words.model(found.model)))


def _table(content: ScoringContent, found: Stability, words: Words) -> Table:
    columns = [words("credit.columns.block"), words("credit.columns.zone"), "PSI"]
    if content.unlike:
        columns.append(words("credit.columns.unlike"))
    rows: list[Row] = []
    for place, block in enumerate(found.blocks):
        unlike = (percent(content.unlike[place]),) if content.unlike else ()
        value = float(found.score[place])
        rows.append((block, *_zone(value, words), *unlike))
    caption = words("credit.stability.caption", model=words.model(found.model))
    note = words("credit.stability.unlike_note") if content.unlike else ""
    return Table(caption, tuple(columns), tuple(rows), words=2, note=note)


def _zone(value: float, words: Words) -> tuple[Cell, Cell]:
    if not np.isfinite(value):
        blank = Cell(BLANK, reason=words("credit.stability.first"))
        return (blank, blank)
    zone = "act" if value >= findings.PSI_ACT else "watch" if value >= findings.PSI_WATCH else "calm"
    return (Cell(words(f"credit.stability.zone.{zone}"), strong=zone == "act"), Cell(number(value, 3)))


def _heat(found: Stability, words: Words) -> Chart:
    """The columns that moved most, most first."""
    known = np.where(np.isfinite(found.csi), found.csi, 0.0)
    order = np.argsort(-known.max(axis=1), kind="stable")[:_MOST_COLUMNS]
    figure = charts.heat([found.columns[i] for i in order], found.blocks, values=found.csi[order])
    caption = words("credit.stability.heat", shown=order.size, columns=len(found.columns))
    return Chart(figure, caption)


def vintages(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Cumulative default rates by age, one line per vintage."""
    if not content.vintages:
        return ()
    figure = charts.ageing(
        {curve.vintage: (curve.months, curve.rate) for curve in content.vintages},
        x_label=words("credit.vintages.age"),
        y_label=words("credit.vintages.rate"),
    )
    return (Chart(figure, words("credit.vintages.caption")),)
