"""Claims, scores and differences."""

from __future__ import annotations

from barograph.core.results import Score
from barograph.evaluate.report.blocks import Block, Cell, Heading, Paragraph, Row, Table
from barograph.evaluate.report.cells import model_cell
from barograph.evaluate.report.panels.content import PanelContent
from barograph.evaluate.report.panels.words import figure, horizon_words
from barograph.evaluate.report.views.claims import claim_columns, claim_row
from barograph.evaluate.report.words import BLANK, Words, number, probability

BLOCKS = ("confirmation", "all", "development")


def claims(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """Every claim, block by block; confirmation first."""
    if not content.claims:
        return (Paragraph(words("report.claims.none"), "note"),)
    blocks: list[Block] = [Paragraph(words("report.claims.intro"))]
    for name in BLOCKS:
        here = [claim for claim in content.claims if claim.block == name]
        if not here:
            continue
        caption = words(
            f"panels.claims.{name}",
            count=content.facts.confirmation_scored,
            until=content.development_until,
        )
        rows = tuple(claim_row(claim, words) for claim in here)
        below = tuple(claim.detail for claim in here)
        blocks.append(Heading(words.block(name)))
        blocks.append(Table(caption, claim_columns(words), rows, words=5, below=below))
    return tuple(blocks)


def scores(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """A table for each horizon: means over series."""
    blocks: list[Block] = [
        Paragraph(words("panels.scores.intro" if content.rates else "panels.scores.scale"))
    ]
    for horizon in content.horizons:
        blocks += [Heading(horizon_words(horizon, content, words)), _scores(content, horizon, words)]
    return tuple(blocks)


def _scores(content: PanelContent, horizon: int, words: Words) -> Table:
    here = [s for s in content.scores if s.horizon == horizon and s.entity == ""]
    metrics = tuple(dict.fromkeys(score.metric for score in here))
    cells = {(score.model, score.metric): score for score in here}
    best = {metric: _best([s for s in here if s.metric == metric], metric) for metric in metrics}
    body: tuple[Row, ...] = tuple(
        (
            model_cell(model, content, words),
            *(_cell(cells[model, metric], best[metric], content, words) for metric in metrics),
        )
        for model in content.roles
    )
    columns = (words("report.columns.model"), *(words.metric(metric) for metric in metrics))
    caption = words("panels.scores.caption", origins=content.origins, series=len(content.series))
    return Table(caption, columns, body, note=words("panels.scores.note"))


def _best(rows: list[Score], metric: str) -> float | None:
    values = [row.value for row in rows if row.value is not None]
    return None if not values or metric.startswith("coverage") else min(values)


def _cell(score: Score, best: float | None, content: PanelContent, words: Words) -> Cell:
    if score.value is None:
        return Cell(BLANK, reason=score.note or words("report.scores.not_scored"))
    small = "" if score.sd is None else f"± {figure(score.sd, score.metric, content)}"
    strong = best is not None and score.value == best
    return Cell(figure(score.value, score.metric, content), small=small, strong=strong)


def comparisons(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """Every model against the opponent over all series, by horizon."""
    blocks: list[Block] = []
    for horizon in content.horizons:
        rows: tuple[Row, ...] = tuple(
            (
                words.model(c.model),
                words.metric(c.metric),
                number(c.difference),
                number(c.test.statistic, 2),
                probability(c.test.p_value),
                words.standing(c.standing),
            )
            for c in content.comparisons
            if c.horizon == horizon and c.block == content.decides and c.opponent == content.reference
        )
        names = ("model", "metric", "difference", "statistic", "p_value", "verdict")
        columns = tuple(words(f"panels.columns.{name}") for name in names)
        values = {
            "opponent": words.model(content.reference),
            "horizon": horizon_words(horizon, content, words),
        }
        caption = words("panels.comparisons.caption", **values)
        blocks.append(Table(caption, columns, rows, words=2, note=words("panels.comparisons.note")))
    return tuple(blocks)
