"""Differences to the best baseline with their intervals and tests; single seeds."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.core.arrays import FloatArray
from barograph.evaluate.report.blocks import Block, Cell, Chart, Fold, Heading, Paragraph, Table
from barograph.evaluate.report.cells import model_cell
from barograph.evaluate.report.scoring.content import ProtocolResults, ScoreDifference, ScoringContent
from barograph.evaluate.report.scoring.views import findings
from barograph.evaluate.report.scoring.words import interval, signed
from barograph.evaluate.report.words import BLANK, Words, number, probability


def comparisons(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Every model against the reference, protocol by protocol, as a figure and as a table."""
    blocks: list[Block] = []
    for protocol in content.protocols:
        rows = findings.differences(content, protocol, opponent=content.reference)
        if not rows:
            continue
        if len(content.protocols) > 1:
            blocks.append(Heading(words(f"credit.protocol.{protocol.protocol}.title")))
        ordered = sorted(rows, key=lambda row: -row.difference)
        blocks += [_chart(ordered, content, words), _table(ordered, content, words)]
        if len(protocol.blocks) > 1:
            blocks += _by_block(protocol, content, words)
    return tuple(blocks) or (Paragraph(words("credit.comparisons.absent"), "note"),)


def _chart(rows: list[ScoreDifference], content: ScoringContent, words: Words) -> Chart:
    lower = np.array([row.lower for row in rows], dtype=float)
    upper = np.array([row.upper for row in rows], dtype=float)
    difference = np.array([row.difference for row in rows])
    names = {"metric": words.metric(content.metric), "reference": words.model(content.reference)}
    figure = charts.score_differences(
        [words.model(row.model) for row in rows],
        difference=difference,
        half_width=upper - difference,
        half_width_below=difference - lower,
        x_label=words("credit.comparisons.axis", **names),
        higher_is_better=True,
    )
    return Chart(figure, words("credit.comparisons.chart", **names))


def _cells(row: ScoreDifference, words: Words) -> tuple[str | Cell, ...]:
    reason = words.note(row.note) or words("credit.comparisons.no_test")
    return (
        words.standing(row.standing),
        signed(row.difference),
        Cell(
            interval(row.lower, row.upper),
            reason=words("credit.comparisons.no_interval") if row.lower is None else "",
        ),
        Cell(number(row.statistic, 2), reason=reason if number(row.statistic) == BLANK else ""),
        Cell(probability(row.p_value), reason=reason if number(row.p_value) == BLANK else ""),
    )


def _columns(words: Words, first: str) -> tuple[str, ...]:
    return (
        first,
        words("report.columns.verdict"),
        words("report.columns.difference"),
        words("credit.columns.interval"),
        words("report.columns.statistic"),
        words("report.columns.p_value"),
    )


def _table(rows: list[ScoreDifference], content: ScoringContent, words: Words) -> Table:
    body = tuple((model_cell(row.model, content, words), *_cells(row, words)) for row in rows)
    names = {"metric": words.metric(content.metric), "reference": words.model(content.reference)}
    tests = tuple(dict.fromkeys(words.test(row.test) for row in rows))
    note = words("credit.comparisons.note", test=words.names(tests))
    caption = words("credit.comparisons.caption", **names)
    return Table(caption, _columns(words, words("report.columns.model")), body, words=2, note=note)


def _by_block(protocol: ProtocolResults, content: ScoringContent, words: Words) -> list[Block]:
    rows = findings.by_block(content, protocol)
    if not rows:
        return []
    names = {
        "model": words.model(content.candidate),
        "reference": words.model(content.reference),
        "metric": words.metric(content.metric),
    }
    body = tuple((row.block, *_cells(row, words)) for row in rows)
    caption = words("credit.comparisons.block_caption", **names)
    table = Table(caption, _columns(words, words("credit.columns.block")), body, words=2)
    return [Fold(words("credit.comparisons.block_title"), (table,))]


def _spread(values: FloatArray, words: Words) -> Cell:
    if values.size < 2:
        return Cell(BLANK, reason=words("credit.seeds.one"))
    return Cell(number(float(values.std(ddof=1))))


def seeds(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """The first score of every seed of every network, beside ensemble and reference."""
    spreads = content.headline.seeds
    if not spreads:
        return (Paragraph(words("report.seeds.absent"), "note"),)
    metric = words.metric(content.metric)
    names = ("model", "seeds", "mean", "sd", "lowest", "highest", "ensemble")
    rows = tuple(
        (
            words.model(spread.network),
            str(spread.seeds.size),
            number(float(spread.seeds.mean())),
            _spread(spread.seeds, words),
            number(float(spread.seeds.min())),
            number(float(spread.seeds.max())),
            number(spread.ensemble),
        )
        for spread in spreads
    )
    columns = tuple(words(f"report.columns.{name}") for name in names)
    reference = findings.value(content.headline, content.reference, content.metric)
    figure = charts.seed_spread(
        {words.model(spread.network): spread.seeds for spread in spreads},
        ensembles={words.model(spread.network): spread.ensemble for spread in spreads},
        reference=float("nan") if reference is None else reference,
        seed_name=words("report.seeds.seed"),
        ensemble_name=words("report.seeds.ensemble"),
        reference_name=words.model(content.reference),
        x_label=words("credit.seeds.axis", metric=metric),
    )
    return (
        Paragraph(words("report.seeds.intro")),
        Chart(figure, words("report.seeds.caption")),
        Table(words("credit.seeds.caption", metric=metric), columns, rows),
    )
