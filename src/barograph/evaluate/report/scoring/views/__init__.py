"""One view per part of a scoring report: content and words in, blocks out."""

from __future__ import annotations

from barograph.evaluate.report.edition import Edition
from barograph.evaluate.report.scoring.content import ScoringContent

SCORING: Edition[ScoringContent] = Edition(
    engine="scoring", parts={}, heading=lambda p, w: p, meta=lambda c, w: ""
)
