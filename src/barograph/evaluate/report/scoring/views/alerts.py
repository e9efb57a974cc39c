"""How well each model raises alerts, by block, by kind of fraud and in time; single alerts with reasons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph import charts
from barograph.evaluate.records.alerts import ModelAlerts
from barograph.evaluate.records.at_work import LEVELS, AtWork
from barograph.evaluate.report.blocks import Block, Bullets, Cell, Chart, Heading, Paragraph, Row, Table
from barograph.evaluate.report.cells import model_cell
from barograph.evaluate.report.scoring.alerts_content import AlertCase
from barograph.evaluate.report.scoring.content import ScoringContent
from barograph.evaluate.report.scoring.views.alert_words import drawn_values, stated_values
from barograph.evaluate.report.scoring.words import count, duration
from barograph.evaluate.report.words import BLANK, Words, number, percent


def ranking(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Every model: average precision with its interval, the riskiest of each day, recall at a rate."""
    if content.alerts is None:
        return ()
    figures = content.alerts.figures
    learnt = [one for one in figures.models if content.roles[one.model] != "unsupervised"]
    blocks: list[Block] = [
        Paragraph(words("alerts.ranking.intro", **stated_values(figures) | drawn_values(figures, words))),
        ranked_table(learnt, content, words, caption=words("alerts.ranking.caption")),
    ]
    if figures.sampled:
        blocks.append(Paragraph(words("alerts.ranking.sampled"), "note"))
    return tuple(blocks)


def ranked_table(
    models: Sequence[ModelAlerts], content: ScoringContent, words: Words, *, caption: str
) -> Table:
    """How some models rank, a row each; the best of each column is bold."""
    assert content.alerts is not None
    figures = content.alerts.figures
    named = ("average_precision", "precision_at", "recall_at_rate", "auc")
    best = {name: _best(models, name) for name in named}
    rows = tuple(_ranked(one, best, content, words) for one in models)
    values = stated_values(figures) | drawn_values(figures, words)
    columns = (
        words("report.columns.model"),
        words.metric("average_precision"),
        words("credit.columns.interval"),
        words(f"alerts.columns.precision_at.{figures.reviewed}", **values),
        words("alerts.columns.recall_at_rate", **values),
        words.metric("auc"),
    )
    return Table(caption, columns, rows, note=words(f"alerts.ranking.note.{figures.reviewed}", **values))


def _best(models: Sequence[ModelAlerts], name: str) -> float:
    return float(np.nanmax([getattr(one, name) for one in models] + [-np.inf]))


def _ranked(one: ModelAlerts, best: dict[str, float], content: ScoringContent, words: Words) -> Row:
    def cell(name: str, said: str) -> Cell:
        value: float = getattr(one, name)
        return Cell(said, strong=value == best[name], reason=_reason(value, one, words))

    low, high = one.interval
    interval = BLANK if np.isnan(low) else f"{number(low, 3)} … {number(high, 3)}"
    return (
        model_cell(one.model, content, words),
        cell("average_precision", number(one.average_precision)),
        Cell(interval, reason=one.note if interval == BLANK else ""),
        cell("precision_at", percent(one.precision_at)),
        cell("recall_at_rate", percent(one.recall_at_rate)),
        cell("auc", number(one.auc)),
    )


def _reason(value: float, one: ModelAlerts, words: Words) -> str:
    return (one.note or words("scoring.blank.undefined")) if np.isnan(value) else ""


def volume(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Events, frauds and alerts of every block, of the champion at its threshold."""
    if content.alerts is None or not content.alerts.figures.at_work:
        return ()
    work = content.alerts.figures.at_work[0]
    names = ("block", "days", "events", "frauds", "alerts", "caught", "precision", "recall")
    none = words("alerts.volume.none")
    rows: tuple[Row, ...] = tuple(
        (
            Cell(one.name, small=words("alerts.volume.chose") if one.chose else ""),
            f"{one.days:.3g}",
            *(count(value) for value in (one.events, one.frauds, one.alerts, one.caught)),
            _share(one.caught, one.alerts, none),
            _share(one.caught, one.frauds, none),
        )
        for one in work.counts
    )
    columns = tuple(words(f"alerts.columns.{name}") for name in names)
    figure = charts.by_block(
        [one.name for one in work.counts],
        lines={
            words("alerts.columns.alerts"): np.array([one.alerts / (one.days or 1.0) for one in work.counts]),
            words("alerts.columns.caught"): np.array([one.caught / (one.days or 1.0) for one in work.counts]),
        },
        y_label=words("alerts.volume.axis"),
        y_format=",.3~g",
        bars=np.array([one.frauds / (one.days or 1.0) for one in work.counts]),
        bars_name=words("alerts.columns.frauds"),
        from_zero=True,
    )
    model = words.model(work.model)
    table = Table(words("alerts.volume.caption", model=model), columns, rows)
    return (Chart(figure, words("alerts.volume.chart", model=model)), table)


def _share(part: float, whole: float, reason: str) -> Cell:
    return Cell(percent(part / whole)) if whole else Cell(BLANK, reason=reason)


def patterns(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Each kind of fraud against legitimate events, where kinds are known."""
    works = [] if content.alerts is None else [w for w in content.alerts.figures.at_work if w.patterns]
    if not works:
        return ()
    kinds = tuple(dict.fromkeys(one.pattern for work in works for one in work.patterns))
    shares = {
        words.model(work.model): np.array(
            [{one.pattern: one.recall for one in work.patterns}.get(kind, np.nan) for kind in kinds]
        )
        for work in works
    }
    names = [kind or words("alerts.patterns.unnamed") for kind in kinds]
    figure = charts.shares_by_kind(names, shares=shares, x_label=words("alerts.columns.recall"))
    columns = tuple(
        words(f"alerts.columns.{name}")
        for name in ("model", "pattern", "frauds", "recall", "precision", "f1", "average_precision")
    )
    rows = tuple(row for work in works for row in _kinds(work, words))
    return (
        Paragraph(words("alerts.patterns.intro")),
        Chart(figure, words("alerts.patterns.chart")),
        Table(words("alerts.patterns.caption"), columns, rows, words=2),
    )


def _kinds(work: AtWork, words: Words) -> tuple[Row, ...]:
    none = words("alerts.volume.none")
    return tuple(
        (
            words.model(work.model),
            one.pattern or words("alerts.patterns.unnamed"),
            count(one.frauds),
            Cell(percent(one.recall), reason=none if np.isnan(one.recall) else ""),
            Cell(percent(one.precision), reason=none if np.isnan(one.precision) else ""),
            Cell(number(one.f1, 3), reason=none if np.isnan(one.f1) else ""),
            Cell(number(one.average_precision, 3), reason=none if np.isnan(one.average_precision) else ""),
        )
        for one in work.patterns
    )


def detection(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """How long compromised cards and counterparties went unnoticed."""
    works = [] if content.alerts is None else [w for w in content.alerts.figures.at_work if w.detected]
    if not works:
        return ()
    columns = (
        words("report.columns.model"),
        words("alerts.columns.kind"),
        words("alerts.columns.compromised"),
        *(words("alerts.columns.within", share=f"{level:.0%}") for level in LEVELS),
        words("alerts.columns.never"),
    )
    rows: tuple[Row, ...] = tuple(
        (
            words.model(work.model),
            words(f"alerts.detection.{one.kind}"),
            f"{one.compromised:,}",
            *(duration(value, words) for value in one.quantiles),
            percent(one.never),
        )
        for work in works
        for one in work.detected
    )
    table = Table(
        words("alerts.detection.caption"), columns, rows, words=2, note=words("alerts.detection.note")
    )
    return (Paragraph(words("alerts.detection.intro")), table)


def cases(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """The latest of the highest alerts, each with its reasons in words and past cases like it."""
    if content.alerts is None or not content.alerts.cases:
        return ()
    alike = any(case.similar for case in content.alerts.cases)
    blocks: list[Block] = [Paragraph(words("alerts.cases.intro" if alike else "streams.cases"))]
    for case in content.alerts.cases:
        blocks += _case(case, words)
    return tuple(blocks)


def _case(case: AlertCase, words: Words) -> list[Block]:
    values = {"record": case.record_id, "time": case.time, "probability": percent(case.probability)}
    blocks: list[Block] = [Heading(words("alerts.cases.title", **values))]
    blocks.append(
        Bullets(case.reasons) if case.reasons else Paragraph(words("alerts.cases.no_reasons"), "note")
    )
    if case.similar:
        blocks += [Paragraph(words("alerts.cases.similar"), "note"), Bullets(case.similar)]
    return blocks
