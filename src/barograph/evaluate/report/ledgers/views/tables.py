"""Claims, scores and differences."""

from __future__ import annotations

from barograph.core.results import Score
from barograph.evaluate.report.blocks import Block, Cell, Heading, Paragraph, Row, Table
from barograph.evaluate.report.cells import model_cell
from barograph.evaluate.report.ledgers.content import LedgerContent
from barograph.evaluate.report.views.claims import claim_columns, claim_row
from barograph.evaluate.report.words import BLANK, Words, number, probability

RIVALS = {"count": "negative_binomial", "severity": "spliced"}


def claims(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """Every claim, block by block."""
    if not content.claims:
        return (Paragraph(words("report.claims.none"), "note"),)
    blocks: list[Block] = [
        Paragraph(words("levels.claims.intro" if content.all_developed else "report.claims.intro"))
    ]
    for name in dict.fromkeys(claim.block for claim in content.claims):
        here = [claim for claim in content.claims if claim.block == name]
        key = "developed" if name == "all" and content.all_developed else name
        caption = words(f"ledgers.claims.{key}", count=content.facts.confirmation_scored)
        rows = tuple(claim_row(claim, words) for claim in here)
        below = tuple(claim.detail for claim in here)
        blocks.append(Table(caption, claim_columns(words), rows, words=5, below=below))
    return tuple(blocks)


def scores(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """One table: every model and figure."""
    metrics = tuple(dict.fromkeys(score.metric for score in content.scores))
    cells = {(score.model, score.metric): score for score in content.scores}
    best = {metric: _best([s for s in content.scores if s.metric == metric]) for metric in metrics}
    body: tuple[Row, ...] = tuple(
        (
            model_cell(model, content, words),
            *(_cell(cells[model, metric], best[metric], words) for metric in metrics),
        )
        for model in content.roles
    )
    columns = (words("report.columns.model"), *(words.metric(metric) for metric in metrics))
    caption = words("ledgers.scores.caption", weeks=content.weeks, losses=content.losses)
    return (
        Paragraph(words("ledgers.scores.intro")),
        Table(caption, columns, body, note=words("levels.scores.note")),
    )


def _best(rows: list[Score]) -> float | None:
    return min((row.value for row in rows if row.value is not None), default=None)


def _cell(score: Score, best: float | None, words: Words) -> Cell:
    if score.value is None:
        return Cell(BLANK, reason=score.note or words("report.scores.not_scored"))
    small = "" if score.sd is None else f"± {_shown(score.sd)}"
    return Cell(_shown(score.value), small=small, strong=score.value == best)


def _shown(value: float) -> str:
    return f"{value:,.1f}" if abs(value) >= 1000.0 else number(value)


def comparisons(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """Every model against the convention of each part."""
    blocks: list[Block] = []
    for metric in dict.fromkeys(c.metric for c in content.comparisons):
        rival = RIVALS[metric.partition("_")[0]]
        rows: tuple[Row, ...] = tuple(
            (
                words.model(c.model),
                number(c.difference),
                number(c.test.statistic, 2),
                probability(c.test.p_value),
                words.standing(c.standing),
            )
            for c in content.comparisons
            if (c.opponent, c.metric, c.block) == (rival, metric, "all")
        )
        names = ("model", "difference", "statistic", "p_value", "verdict")
        values = {"metric": words.metric(metric), "baseline": words.model(rival)}
        columns = tuple(words(f"report.columns.{name}") for name in names)
        caption = words("ledgers.comparisons.caption", **values)
        blocks += [
            Heading(words.metric(metric)),
            Table(caption, columns, rows, note=words("ledgers.comparisons.note")),
        ]
    return tuple(blocks)
