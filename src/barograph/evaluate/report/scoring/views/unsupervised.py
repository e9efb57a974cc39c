"""Models that never see a label: how well they rank fraud, and networks against their rivals."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.core.unsupervised import ANOMALY_NETWORKS
from barograph.evaluate.records.alerts import ModelAlerts
from barograph.evaluate.report.blocks import Block, Cell, Chart, Paragraph, Row, Table
from barograph.evaluate.report.cells import model_cell
from barograph.evaluate.report.scoring.content import ScoreDifference, ScoringContent
from barograph.evaluate.report.scoring.views.alert_words import drawn_values
from barograph.evaluate.report.scoring.views.alerts import ranked_table
from barograph.evaluate.report.scoring.views.findings import decisive_block
from barograph.evaluate.report.scoring.words import interval, signed
from barograph.evaluate.report.words import BLANK, Words, number, probability


def unsupervised(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Their figures as a chart and a table, then the differences between networks and rivals."""
    if content.alerts is None:
        return ()
    models = [one for one in content.alerts.figures.models if content.roles[one.model] == "unsupervised"]
    if not models:
        return (Paragraph(words("unsupervised.absent"), "note"),)
    table = ranked_table(models, content, words, caption=words("unsupervised.caption"))
    return (
        Paragraph(words("unsupervised.intro")),
        _chart(models, content, words),
        table,
        *_against_rivals(content, words),
    )


def _chart(models: list[ModelAlerts], content: ScoringContent, words: Words) -> Chart:
    """Average precision, the best first, beside the study's reference, which learns from labels."""
    assert content.alerts is not None
    reference = [one for one in content.alerts.figures.models if one.model == content.reference]
    ordered = sorted(models, key=lambda one: -np.nan_to_num(one.average_precision))
    shown = [*reference, *ordered]
    kinds = {
        words("unsupervised.groups.reference"): [0] * len(reference),
        words("unsupervised.groups.networks"): _places(shown, content.reference, deep=True),
        words("unsupervised.groups.rivals"): _places(shown, content.reference, deep=False),
    }
    figure = charts.intervals(
        [words.model(one.model) for one in shown],
        value=np.array([one.average_precision for one in shown]),
        lower=np.array([one.interval[0] for one in shown]),
        upper=np.array([one.interval[1] for one in shown]),
        groups={name: places for name, places in kinds.items() if places},
        x_label=words.metric("average_precision"),
    )
    values = {"reference": words.model(content.reference)} | drawn_values(content.alerts.figures, words)
    return Chart(figure, words("unsupervised.chart", **values))


def _places(shown: list[ModelAlerts], reference: str, *, deep: bool) -> list[int]:
    return [
        place
        for place, one in enumerate(shown)
        if one.model != reference and (one.model in ANOMALY_NETWORKS) == deep
    ]


def _against_rivals(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Each network without labels less each rival, where it decides."""
    block = decisive_block(content)
    rows = [
        row
        for row in content.headline.differences
        if row.model in ANOMALY_NETWORKS
        and content.roles.get(row.opponent) == "unsupervised"
        and (row.metric, row.block) == (content.metric, block)
    ]
    if not rows:
        return ()
    names = ("verdict", "difference")
    columns = (
        words("report.columns.model"),
        words("unsupervised.rival"),
        *(words(f"report.columns.{name}") for name in names),
        words("credit.columns.interval"),
        words("report.columns.p_value"),
    )
    caption = words(f"unsupervised.rivals.{block or 'all'}", metric=words.metric(content.metric))
    return (Table(caption, columns, tuple(_row(row, content, words) for row in rows), words=3),)


def _row(row: ScoreDifference, content: ScoringContent, words: Words) -> Row:
    reason = words.note(row.note) or words("credit.comparisons.no_test")
    no_interval = words("credit.comparisons.no_interval") if row.lower is None else ""
    p_value = probability(row.p_value)
    return (
        model_cell(row.model, content, words),
        words.model(row.opponent),
        words.standing(row.standing),
        signed(row.difference),
        Cell(interval(row.lower, row.upper), reason=no_interval),
        Cell(p_value, reason=reason if number(row.p_value) == BLANK else ""),
    )
