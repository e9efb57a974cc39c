"""One view per part of a report: content and words in, blocks out.

`PARTS` is the catalogue that policy packs choose from.
"""

from __future__ import annotations

from collections.abc import Callable

from barograph.evaluate.report.blocks import Block
from barograph.evaluate.report.content import ReportContent
from barograph.evaluate.report.views import backtests, cards, charted, claims, closing, scores, summary
from barograph.evaluate.report.words import Words

View = Callable[[ReportContent, Words], tuple[Block, ...]]

PARTS: dict[str, View] = {
    "summary": summary.summary,
    "next_day": summary.next_day,
    "claims": claims.claims,
    "scores": scores.scores,
    "events": scores.events,
    "comparisons": scores.comparisons,
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
}
"""Every part by its key. A part that has nothing to say about this study answers with no blocks."""
