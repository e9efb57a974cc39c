"""What calling records bad above a probability would mean."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.evaluate.records.thresholds import ThresholdRow
from barograph.evaluate.report.blocks import Block, Cell, Chart, Paragraph, Table
from barograph.evaluate.report.scoring.content import ProtocolResults, ScoringContent
from barograph.evaluate.report.words import Words, number, percent


def thresholds(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """What calling records bad above each probability would mean, for the champion."""
    here = content.headline
    if not here.thresholds:
        return ()
    names = ("threshold", "flagged", "accuracy", "precision", "recall", "f1", "rate_below")
    rows = tuple(
        (
            Cell(percent(row.threshold, 2), strong=row.stated),
            percent(row.flagged),
            percent(row.accuracy),
            Cell(percent(row.precision), reason=_none_flagged(row.precision, words)),
            Cell(percent(row.recall), reason=_no_bads(row.recall, words)),
            Cell(number(row.f1), reason=_none_flagged(row.f1, words)),
            Cell(percent(row.rate_below, 2), reason=_none_left(row.rate_below, words)),
        )
        for row in _once(here)
    )
    caption = words("credit.thresholds.caption", model=words.model(content.verdict.champion))
    columns = tuple(words(f"credit.columns.{name}") for name in names)
    intro = Paragraph(words("credit.thresholds.intro", threshold=percent(here.threshold, 2)))
    return (intro, _threshold_chart(content, words), Table(caption, columns, rows))


def _once(here: ProtocolResults) -> list[ThresholdRow]:
    """Every threshold that prints differently once; the stated one rather than a round one beside it."""
    return [
        row
        for row in here.thresholds
        if row.stated or here.threshold is None or percent(row.threshold, 2) != percent(here.threshold, 2)
    ]


def _none_flagged(value: float | None, words: Words) -> str:
    return words("credit.thresholds.none_flagged") if value is None else ""


def _no_bads(value: float | None, words: Words) -> str:
    return words("credit.thresholds.no_bads") if value is None else ""


def _none_left(value: float | None, words: Words) -> str:
    return words("credit.thresholds.none_left") if value is None else ""


def _threshold_chart(content: ScoringContent, words: Words) -> Chart:
    here = content.headline
    rows = [row for row in here.thresholds if row.flagged > 0 and not row.stated]
    lines = {
        "precision": [row.precision for row in rows],
        "recall": [row.recall for row in rows],
        "flagged": [row.flagged for row in rows],
        "rate_below": [row.rate_below for row in rows],
    }
    figure = charts.thresholds(
        np.array([row.threshold for row in rows]),
        lines={
            words(f"credit.columns.{name}"): np.array(shares, dtype=float) for name, shares in lines.items()
        },
        stated=here.threshold,
        stated_name=words("credit.thresholds.stated"),
        x_label=words("credit.columns.threshold"),
        y_label=words("credit.thresholds.axis"),
    )
    return Chart(figure, words("credit.thresholds.chart"))
