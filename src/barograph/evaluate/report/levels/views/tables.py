"""Claims, scores and differences."""

from __future__ import annotations

from barograph.core.results import Score
from barograph.evaluate.report.blocks import Block, Cell, Heading, Paragraph, Row, Table
from barograph.evaluate.report.cells import model_cell
from barograph.evaluate.report.levels.content import LevelContent
from barograph.evaluate.report.levels.words import figure, horizon_words
from barograph.evaluate.report.views.claims import claim_columns, claim_row
from barograph.evaluate.report.words import BLANK, Words, number, probability


def claims(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """Every claim, block by block."""
    if not content.claims:
        return (Paragraph(words("report.claims.none"), "note"),)
    blocks: list[Block] = [
        Paragraph(words("levels.claims.intro" if content.all_developed else "report.claims.intro"))
    ]
    for name in dict.fromkeys(claim.block for claim in content.claims):
        here = [claim for claim in content.claims if claim.block == name]
        key = "developed" if name == "all" and content.all_developed else name
        caption = words(f"levels.claims.{key}", count=content.facts.confirmation_scored)
        rows = tuple(claim_row(claim, words) for claim in here)
        below = tuple(claim.detail for claim in here)
        blocks.append(Table(caption, claim_columns(words), rows, words=5, below=below))
    return tuple(blocks)


def scores(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """A table for each horizon, the headline first."""
    blocks: list[Block] = [
        Paragraph(words("levels.scores.intro", target=words.note(content.target))),
        Paragraph(words(f"levels.scores.scale.{content.scale}")),
    ]
    for horizon in _ordered(content):
        blocks += [Heading(horizon_words(horizon, words)), _scores(content, horizon, words)]
    return tuple(blocks)


def _ordered(content: LevelContent) -> list[int]:
    return [content.headline, *(h for h in content.horizons if h != content.headline)]


def _scores(content: LevelContent, horizon: int, words: Words) -> Table:
    here = [score for score in content.scores if score.horizon == horizon]
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
    caption = words("levels.scores.caption", origins=content.origins)
    return Table(caption, columns, body, note=words("levels.scores.note"))


def _best(rows: list[Score], metric: str) -> float | None:
    values = [row.value for row in rows if row.value is not None]
    if not values or metric.startswith("coverage"):
        return None
    return min(values)


def _cell(score: Score, best: float | None, content: LevelContent, words: Words) -> Cell:
    if score.value is None:
        return Cell(BLANK, reason=score.note or words("report.scores.not_scored"))
    small = "" if score.sd is None else f"± {figure(score.sd, score.metric, content)}"
    strong = best is not None and score.value == best
    return Cell(figure(score.value, score.metric, content), small=small, strong=strong)


def comparisons(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """Every model against the best baseline, by horizon."""
    blocks: list[Block] = []
    for horizon in _ordered(content):
        rows: tuple[Row, ...] = tuple(
            (
                words.model(c.model),
                number(c.difference),
                number(c.test.statistic, 2),
                probability(c.test.p_value),
                words.standing(c.standing),
            )
            for c in content.comparisons
            if (c.opponent, c.metric, c.horizon, c.block) == (content.reference, "crps", horizon, "all")
        )
        names = ("model", "difference", "statistic", "p_value", "verdict")
        caption = words(
            "levels.comparisons.caption",
            baseline=words.model(content.reference),
            horizon=horizon_words(horizon, words),
        )
        columns = tuple(words(f"report.columns.{name}") for name in names)
        note = words("levels.comparisons.note", overlap=max(1, horizon + content.delay))
        blocks.append(Table(caption, columns, rows, note=note))
    return tuple(blocks)
