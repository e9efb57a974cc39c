"""Score tables: every model, every metric, blanks with their reason; and comparisons with the reference."""

from __future__ import annotations

from barograph.core.results import Comparison, Score
from barograph.evaluate.events import EVENT_METRICS
from barograph.evaluate.report import figures
from barograph.evaluate.report.blocks import Block, Cell, Fold, Paragraph, Table
from barograph.evaluate.report.cells import model_cell, score_cell
from barograph.evaluate.report.content import ReportContent
from barograph.evaluate.report.views import findings
from barograph.evaluate.report.words import (
    BLANK,
    Words,
    level,
    number,
    probability,
)

_HIGHER_IS_BETTER = ("accuracy", "precision", "recall", "f1")


def scores(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """Mean scores over entities, one table per horizon; per-entity QLIKE behind a line."""
    kept = [score for score in content.scores if score.metric not in EVENT_METRICS]
    blocks: list[Block] = [Paragraph(words("report.scores.intro"))]
    for horizon in sorted({score.horizon for score in kept}):
        here = [score for score in kept if score.horizon == horizon and score.entity == ""]
        if here:
            caption = words("report.scores.caption", days=horizon, count=len(content.entities))
            blocks.append(_table(here, content, words, caption))
    details = _by_entity(kept, content, words)
    return (*blocks, *details)


def events(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """Loss, accuracy, precision, recall and F1 of the event, and the reliability of its probability."""
    here = [score for score in content.scores if score.metric in EVENT_METRICS and score.entity == ""]
    if not here:
        return ()
    quantile = content.settings["evaluate"]["event_quantile"]
    share = level(quantile)
    blocks: list[Block] = [
        Paragraph(words("report.events.intro", share=share)),
        _table(here, content, words, words("report.events.table_caption")),
    ]
    if content.reliability:
        blocks.append(figures.reliability(content, words))
    return tuple(blocks)


def _table(rows: list[Score], content: ReportContent, words: Words, caption: str) -> Table:
    metrics = tuple(dict.fromkeys(score.metric for score in rows))
    cells = {(score.model, score.metric): score for score in rows}
    best = {metric: _best([s for s in rows if s.metric == metric], metric) for metric in metrics}
    columns = (words("report.columns.model"), *(words.metric(metric) for metric in metrics))
    body = tuple(
        (
            model_cell(model, content, words),
            *(score_cell(cells.get((model, metric)), metric, best[metric], words) for metric in metrics),
        )
        for model in content.roles
    )
    return Table(caption, columns, body, note=words("report.scores.note"))


def _best(rows: list[Score], metric: str) -> float | None:
    values = [row.value for row in rows if row.value is not None]
    if not values:
        return None
    return max(values) if metric in _HIGHER_IS_BETTER else min(values)


def _by_entity(rows: list[Score], content: ReportContent, words: Words) -> tuple[Block, ...]:
    here = [s for s in rows if s.metric == "qlike" and s.horizon == content.near and s.entity]
    if not here:
        return ()
    cells = {(score.entity, score.model): score for score in here}
    body = tuple(
        (
            Cell(entity, small=words.block(_block(entity, content))),
            *(
                score_cell(
                    cells.get((entity, model)),
                    "qlike",
                    _best([s for s in here if s.entity == entity], "qlike"),
                    words,
                )
                for model in content.roles
            ),
        )
        for entity in content.entities
    )
    columns = (words("report.columns.entity"), *(words.model(model) for model in content.roles))
    caption = words("report.scores.entity_caption", days=content.near)
    return (Fold(words("report.scores.entity_title"), (Table(caption, columns, body),)),)


def _block(entity: str, content: ReportContent) -> str:
    return "development" if entity in content.development else "confirmation"


def comparisons(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """Differences to the reference with their intervals, when they arose, and entity by entity."""
    blocks: list[Block] = []
    pooled = findings.pooled(content)
    if pooled:
        blocks.append(figures.score_differences(pooled, content, words))
        blocks.append(_comparison_table(pooled, content, words))
    else:
        blocks.append(Paragraph(words("report.comparisons.absent"), "note"))
    if content.loss_paths:
        blocks.append(figures.loss_paths(content, words))
    rows = findings.by_entity(content, content.candidate, content.reference)
    if rows:
        blocks.append(Fold(words("report.comparisons.entity_title"), (_entity_table(rows, content, words),)))
    nested = findings.nested(content)
    if nested:
        blocks.append(
            Fold(words("report.comparisons.nested_title"), (_nested_table(nested, content, words),))
        )
    return tuple(blocks)


def _comparison_cells(row: Comparison, words: Words) -> tuple[str | Cell, ...]:
    reason = words.note(row.test.note) if number(row.test.p_value) == BLANK else ""
    return (
        words.standing(row.standing),
        number(row.difference),
        number(row.test.statistic, 2),
        Cell(probability(row.test.p_value), reason=reason),
    )


def _comparison_columns(words: Words, first: str) -> tuple[str, ...]:
    names = (first, "verdict", "difference", "statistic", "p_value")
    return tuple(words(f"report.columns.{name}") for name in names)


def _comparison_table(rows: list[Comparison], content: ReportContent, words: Words) -> Table:
    ordered = sorted(rows, key=lambda row: row.difference)
    body = tuple(
        (
            Cell(words.model(row.model), small=words.role(content.roles[row.model])),
            *_comparison_cells(row, words),
        )
        for row in ordered
    )
    caption = words("report.comparisons.caption", reference=words.model(content.reference), days=content.near)
    note = words("report.comparisons.note", test=words.test(ordered[0].test.name))
    return Table(caption, _comparison_columns(words, "model"), body, words=2, note=note)


def _entity_table(rows: list[Comparison], content: ReportContent, words: Words) -> Table:
    body = tuple(
        (Cell(row.entity, small=words.block(_block(row.entity, content))), *_comparison_cells(row, words))
        for row in rows
    )
    caption = words(
        "report.comparisons.entity_caption",
        model=words.model(content.candidate),
        reference=words.model(content.reference),
        days=content.near,
    )
    return Table(caption, _comparison_columns(words, "entity"), body, words=2)


def _nested_table(rows: list[Comparison], content: ReportContent, words: Words) -> Table:
    body = tuple(
        (Cell(row.entity, small=words.model(row.model)), *_comparison_cells(row, words)) for row in rows
    )
    caption = words("report.comparisons.nested_caption", days=content.near)
    return Table(caption, _comparison_columns(words, "entity"), body, words=2)
