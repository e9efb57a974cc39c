"""One view per part of a forecasting report: content and words in, blocks out."""

from __future__ import annotations

from barograph.evaluate.report.content import ReportContent
from barograph.evaluate.report.edition import Edition
from barograph.evaluate.report.views import (
    backtests,
    cards,
    charted,
    claims,
    closing,
    scores,
    single,
    summary,
)
from barograph.evaluate.report.words import Words


def _heading(part: str, words: Words) -> str:
    return words(f"report.part.{part}")


def _meta(content: ReportContent, words: Words) -> str:
    return words(
        "report.meta",
        entities=len(content.entities),
        origins=f"{content.origins:,}",
        since=content.since,
        until=content.until,
        folds=content.folds,
    )


FORECASTING: Edition[ReportContent] = Edition(
    engine="forecasting",
    parts={
        "summary": summary.summary,
        "next_day": summary.next_day,
        "claims": claims.claims,
        "scores": scores.scores,
        "events": scores.events,
        "comparisons": scores.comparisons,
        "single_days": single.single_days,
        "series": charted.series,
        "back_tests": backtests.back_tests,
        "calibration": charted.calibration,
        "seeds": charted.seeds,
        "book": closing.book,
        "data": cards.data,
        "method": cards.method,
        "training": cards.training,
        "limits": closing.limits,
        "monitoring": closing.monitoring,
        "settings": closing.settings,
        "glossary": closing.glossary,
    },
    heading=_heading,
    meta=_meta,
)
"""The catalogue that policy packs choose from for a forecasting study."""
