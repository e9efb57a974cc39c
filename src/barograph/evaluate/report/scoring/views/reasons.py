"""Single decisions and their reasons, and how groups fare."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.evaluate.records.fairness import FairnessRow
from barograph.evaluate.report.blocks import Block, Bullets, Cell, Chart, Heading, Paragraph, Table
from barograph.evaluate.report.scoring.content import ScoringContent
from barograph.evaluate.report.scoring.practice import Applicant
from barograph.evaluate.report.scoring.views import findings
from barograph.evaluate.report.words import BLANK, Words, number, percent

_MOST_REASONS = 8


def reasons(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Example decisions: what made up the probability, and what would have changed the answer."""
    if not content.applicants:
        return ()
    blocks: list[Block] = [Paragraph(words("credit.reasons.intro"))]
    for applicant in content.applicants:
        blocks += _applicant(applicant, words)
    return tuple(blocks)


def _applicant(applicant: Applicant, words: Words) -> list[Block]:
    decision = words("credit.reasons.approved" if applicant.approved else "credit.reasons.declined")
    title = words(
        "credit.reasons.title",
        record=applicant.record_id,
        probability=percent(applicant.probability, 2),
        grade=applicant.grade,
        decision=decision,
    )
    blocks: list[Block] = [Heading(title)]
    if applicant.unlike:
        blocks.append(Paragraph(words("credit.reasons.unlike")))
    blocks.append(_waterfall(applicant, words))
    if applicant.codes:
        blocks.append(Paragraph(words("credit.reasons.codes", columns=words.names(applicant.codes))))
    blocks += _counterfactuals(applicant, words)
    return blocks


def _waterfall(applicant: Applicant, words: Words) -> Chart:
    """The strongest reasons, largest first, and all others in one step: the steps add up exactly."""
    ordered = sorted(applicant.reasons, key=lambda reason: -abs(reason.effect))
    shown, rest = ordered[:_MOST_REASONS], ordered[_MOST_REASONS:]
    names = [f"{reason.column} = {reason.value}" for reason in shown]
    effects = [reason.effect for reason in shown]
    if rest:
        names.append(words("credit.reasons.others", count=len(rest)))
        effects.append(sum(reason.effect for reason in rest))
    figure = charts.waterfall(
        names,
        effect=np.array(effects),
        base=applicant.base,
        base_name=words("credit.reasons.base"),
        total_name=words("credit.reasons.total"),
        x_label=words("credit.calibration.predicted.default"),
    )
    return Chart(figure, words("credit.reasons.chart"))


def _counterfactuals(applicant: Applicant, words: Words) -> list[Block]:
    if applicant.approved:
        return []
    if not applicant.counterfactuals:
        return [Paragraph(words("credit.reasons.no_change"), "note")]
    items = []
    for found in applicant.counterfactuals:
        changes = tuple(
            words("credit.reasons.change", column=column, before=before, after=after)
            for column, before, after in found.changes
        )
        probability = percent(found.probability, 2)
        items.append(
            words("credit.reasons.counterfactual", changes=words.names(changes), probability=probability)
        )
    return [Paragraph(words("credit.reasons.counterfactuals")), Bullets(tuple(items))]


def fairness(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Approval by group of every protected column."""
    if not content.fairness:
        return ()
    names = (
        "group",
        "records",
        "predicted",
        f"observed_{content.target}",
        "approved",
        "impact",
        "opportunity",
    )
    columns = tuple(words(f"credit.columns.{name}") for name in names)
    tables = []
    for column in dict.fromkeys(row.column for row in content.fairness):
        rows = tuple(_group(row, words) for row in content.fairness if row.column == column)
        tables.append(Table(words("credit.fairness.caption", column=column), columns, rows))
    return (
        Paragraph(words("credit.fairness.intro")),
        *tables,
        Paragraph(words("credit.fairness.note"), "note"),
    )


def _group(row: FairnessRow, words: Words) -> tuple[str | Cell, ...]:
    reason = (row.note or words("credit.fairness.reference")) if row.impact is None else ""
    low = row.impact is not None and row.impact < findings.FOUR_FIFTHS
    gap = BLANK if row.opportunity is None else f"{100 * row.opportunity:+.1f}".replace("-", "−")
    return (
        Cell(row.group),
        f"{row.records:,}",
        percent(row.predicted),
        percent(row.observed),
        percent(row.approved),
        Cell(number(row.impact, 2), strong=low, reason=reason),
        Cell(gap, reason=(row.note or words("credit.fairness.reference")) if row.opportunity is None else ""),
    )
