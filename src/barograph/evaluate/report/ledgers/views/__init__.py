"""One view per part of a ledger report: content and words in, blocks out."""

from __future__ import annotations

from barograph.evaluate.report.edition import Edition
from barograph.evaluate.report.ledgers.content import LedgerContent
from barograph.evaluate.report.ledgers.views import cards, fits, summary, tables, yearly
from barograph.evaluate.report.views.closing import settings
from barograph.evaluate.report.words import Words


def _heading(part: str, words: Words) -> str:
    return words(f"ledgers.part.{part}")


def _meta(content: LedgerContent, words: Words) -> str:
    return words(
        "ledgers.meta",
        weeks=content.weeks,
        losses=content.losses,
        since=content.years[0],
        until=content.years[-1],
    )


LEDGERS: Edition[LedgerContent] = Edition(
    engine="ledgers",
    parts={
        "summary": summary.summary,
        "claims": tables.claims,
        "scores": tables.scores,
        "comparisons": tables.comparisons,
        "counts": fits.counts,
        "severities": fits.severities,
        "series": fits.series,
        "calibration": fits.calibration,
        "annual": yearly.annual,
        "capital": yearly.capital,
        "anomalies": yearly.anomalies,
        "seeds": fits.seeds,
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
"""The catalogue that policy packs choose from for a loss ledger."""
