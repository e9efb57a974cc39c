"""Whether the population moved: stability of score and columns by vintage, and vintages as they age."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.evaluate.report.blocks import Block, Cell, Chart, Paragraph, Table
from barograph.evaluate.report.scoring.content import ScoringContent, Stability
from barograph.evaluate.report.scoring.views import findings
from barograph.evaluate.report.words import Words, number, percent

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
    blocks.append(_table(found, words))
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


def _table(found: Stability, words: Words) -> Table:
    columns = [words("credit.columns.block"), words("credit.columns.zone"), "PSI"]
    if found.unlike is not None:
        columns.append(words("credit.columns.unlike"))
    rows = []
    for place, block in enumerate(found.blocks):
        unlike = () if found.unlike is None else (percent(float(found.unlike[place])),)
        value = float(found.score[place])
        zone = "act" if value >= findings.PSI_ACT else "watch" if value >= findings.PSI_WATCH else "calm"
        cell = Cell(words(f"credit.stability.zone.{zone}"), strong=zone == "act")
        rows.append((block, cell, number(value, 3), *unlike))
    caption = words("credit.stability.caption", model=words.model(found.model))
    note = words("credit.stability.unlike_note") if found.unlike is not None else ""
    return Table(caption, tuple(columns), tuple(rows), words=2, note=note)


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
