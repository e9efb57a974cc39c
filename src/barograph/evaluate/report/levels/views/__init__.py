"""One view per part of a level report: content and words in, blocks out."""

from __future__ import annotations

from barograph.evaluate.report.edition import Edition
from barograph.evaluate.report.levels.content import LevelContent
from barograph.evaluate.report.levels.views import cards, charted, summary, tables
from barograph.evaluate.report.views.closing import settings
from barograph.evaluate.report.words import Words


def _heading(part: str, words: Words) -> str:
    return words(f"report.part.{part}")


def _meta(content: LevelContent, words: Words) -> str:
    return words(
        "levels.meta",
        origins=content.origins,
        since=content.since,
        until=content.until,
        folds=content.folds,
    )


LEVELS: Edition[LevelContent] = Edition(
    engine="levels",
    parts={
        "summary": summary.summary,
        "claims": tables.claims,
        "scores": tables.scores,
        "comparisons": tables.comparisons,
        "series": charted.series,
        "calibration": charted.calibration,
        "seeds": charted.seeds,
        "data": cards.data,
        "method": cards.method,
        "training": cards.training,
        "limits": cards.limits,
        "monitoring": cards.monitoring,
        "settings": settings,
        "glossary": cards.glossary,
    },
    heading=_heading,
    meta=_meta,
)
"""The catalogue that policy packs choose from for a series in levels."""
