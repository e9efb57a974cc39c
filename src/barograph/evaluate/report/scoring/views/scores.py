"""Score tables: every model under every protocol, pooled and block by block."""

from __future__ import annotations

from barograph.core.results import Score
from barograph.evaluate.records.figures import CALIBRATION, HIGHER_IS_BETTER
from barograph.evaluate.report.blocks import Block, Cell, Fold, Heading, Paragraph, Row, Table
from barograph.evaluate.report.cells import model_cell, score_cell
from barograph.evaluate.report.scoring.content import ProtocolResults, ScoringContent
from barograph.evaluate.report.words import Words, percent

_RANKING = (
    "auc",
    "gini",
    "ks",
    "h_measure",
    "average_precision",
    "recall_10",
    "r2",
    "mae",
    "spearman",
    "loss_capture",
)
_PROBABILITY = ("brier", "log_loss", "calibration_gap", "calibration_slope", "calibration_intercept")
_DECISION = ("accuracy", "precision", "recall", "f1")
_GROUPS = {"ranking": _RANKING, "probability": _PROBABILITY, "decision": _DECISION}
_IDEAL = {"calibration_slope": 1.0, "calibration_intercept": 0.0}


def scores(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Pooled scores of every model, protocol by protocol; blocks behind a line."""
    blocks: list[Block] = [
        Paragraph(words("credit.scores.intro")),
        Paragraph(words(f"credit.scores.event.{content.target}", event=content.event)),
    ]
    for protocol in content.protocols:
        blocks += [
            Heading(words(f"credit.protocol.{protocol.protocol}.title")),
            Paragraph(words(f"credit.protocol.{protocol.protocol}.what")),
            *_shown(_pooled(protocol, content, words), protocol is content.headline, words),
            _blocks(protocol, content, words),
        ]
    return tuple(blocks)


def _pooled(protocol: ProtocolResults, content: ScoringContent, words: Words) -> list[Block]:
    here = [score for score in protocol.scores if score.entity == ""]
    if protocol.protocol == "retrospective":
        here = [score for score in here if score.metric not in CALIBRATION]
    known = {metric for metrics in _GROUPS.values() for metric in metrics}
    others = tuple(dict.fromkeys(score.metric for score in here if score.metric not in known))
    tables: list[Block] = []
    for group, metrics in _GROUPS.items():
        wanted = (*metrics, *others) if group == "ranking" else metrics
        rows = [score for score in here if score.metric in wanted]
        if rows:
            values = {"threshold": percent(protocol.threshold, 2), "records": f"{protocol.records:,}"}
            caption = words(f"credit.scores.{group}.{content.target}", **values)
            tables.append(_table(rows, content, words, caption))
    return tables


def _shown(tables: list[Block], headline: bool, words: Words) -> list[Block]:
    """All tables of the headline; of another protocol the first, the others behind a line."""
    if headline or len(tables) < 2:
        return tables
    return [tables[0], Fold(words("credit.scores.further"), tuple(tables[1:]))]


def _table(rows: list[Score], content: ScoringContent, words: Words, caption: str) -> Table:
    metrics = tuple(dict.fromkeys(score.metric for score in rows))
    cells = {(score.model, score.metric): score for score in rows}
    best = {metric: best_of([s for s in rows if s.metric == metric], metric) for metric in metrics}
    body = tuple(
        (
            model_cell(model, content, words),
            *(score_cell(cells.get((model, metric)), metric, best[metric], words) for metric in metrics),
        )
        for model in content.roles
        if any((model, metric) in cells for metric in metrics)
    )
    columns = (words("report.columns.model"), *(words.metric(metric) for metric in metrics))
    return Table(caption, columns, body, note=words("credit.scores.note"))


def best_of(rows: list[Score], metric: str) -> float | None:
    """The best value of a metric: nearest to its ideal, lowest or highest."""
    values = [row.value for row in rows if row.value is not None]
    if not values:
        return None
    if metric in _IDEAL:
        return min(values, key=lambda value: abs(value - _IDEAL[metric]))
    return max(values) if metric in HIGHER_IS_BETTER else min(values)


def _blocks(protocol: ProtocolResults, content: ScoringContent, words: Words) -> Fold:
    """The test blocks: their cut, how many records, what came, and each model's score."""
    metric = content.metric
    cells = {(s.model, s.entity): s for s in protocol.scores if s.metric == metric and s.entity}
    models = [model for model in content.roles if any(key[0] == model for key in cells)]
    body: list[Row] = []
    for block in protocol.blocks:
        here = {model: cells.get((model, block.name)) for model in models}
        best = best_of([score for score in here.values() if score is not None], metric)
        small = words("credit.scores.known_until", day=block.cut) if block.cut else ""
        body.append(
            (
                Cell(block.name, small=small),
                f"{block.trained:,}",
                f"{block.records:,}",
                percent(block.outcome),
                *(score_cell(here[model], metric, best, words) for model in models),
            )
        )
    names = ("block", "trained", "records", f"observed_{content.target}")
    columns = (*(words(f"credit.columns.{name}") for name in names), *(words.model(m) for m in models))
    title = words("credit.scores.block_title", metric=words.metric(metric))
    caption = words("credit.scores.block_caption", metric=words.metric(metric))
    return Fold(title, (Table(caption, columns, tuple(body)),))
