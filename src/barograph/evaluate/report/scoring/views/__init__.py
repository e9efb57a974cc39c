"""One view per part of a scoring report: content and words in, blocks out."""

from __future__ import annotations

from barograph.evaluate.report.edition import Edition
from barograph.evaluate.report.scoring.content import ScoringContent
from barograph.evaluate.report.scoring.views import (
    alert_money,
    alerts,
    calibration,
    cards,
    claims,
    closing,
    comparisons,
    discrimination,
    falls,
    grades,
    portfolio,
    reasons,
    scores,
    stability,
    summary,
    thresholds,
    unsupervised,
)
from barograph.evaluate.report.views.closing import settings
from barograph.evaluate.report.words import Words

_FEW = 3


def _heading(part: str, words: Words) -> str:
    return words(f"credit.part.{part}")


def _named(blocks: list[str], words: Words) -> str:
    """A few names, or the first and the last of many."""
    if len(blocks) <= _FEW:
        return words.names(tuple(blocks))
    return words("report.data.range_value", since=blocks[0], until=blocks[-1])


def _meta(content: ScoringContent, words: Words) -> str:
    """Records scored, blocks and protocols, the headline first."""
    return " · ".join(
        words(
            f"credit.protocol.{protocol.protocol}.meta",
            records=f"{protocol.records:,}",
            blocks=_named([block.name for block in protocol.blocks], words),
        )
        for protocol in content.protocols
    )


SCORING: Edition[ScoringContent] = Edition(
    engine="scoring",
    parts={
        "summary": summary.summary,
        "claims": claims.claims,
        "scores": scores.scores,
        "comparisons": comparisons.comparisons,
        "thresholds": thresholds.thresholds,
        "discrimination": discrimination.discrimination,
        "losses": discrimination.losses,
        "calibration": calibration.calibration,
        "grades": grades.grades,
        "stability": stability.stability,
        "vintages": stability.vintages,
        "seeds": comparisons.seeds,
        "portfolio": portfolio.portfolio,
        "scorecard": portfolio.scorecard,
        "reasons": reasons.reasons,
        "fairness": reasons.fairness,
        "data": cards.data,
        "method": cards.method,
        "training": cards.training,
        "limits": closing.limits,
        "monitoring": closing.monitoring,
        "settings": settings,
        "glossary": closing.glossary,
    },
    heading=_heading,
    meta=_meta,
)
"""The catalogue that policy packs choose from for a study of credit."""


def _heading_of_alerts(part: str, words: Words) -> str:
    return words(f"alerts.part.{part}")


ALERTS: Edition[ScoringContent] = Edition(
    engine="alerts",
    parts={
        "summary": summary.summary,
        "claims": claims.claims,
        "ranking": alerts.ranking,
        "unsupervised": unsupervised.unsupervised,
        "scores": scores.scores,
        "comparisons": comparisons.comparisons,
        "operating": alert_money.operating,
        "budget": alert_money.budget,
        "patterns": alerts.patterns,
        "detection": alerts.detection,
        "volume": alerts.volume,
        "cases": alerts.cases,
        "discrimination": discrimination.discrimination,
        "calibration": calibration.calibration,
        "stability": stability.stability,
        "seeds": comparisons.seeds,
        "data": cards.data,
        "method": cards.method,
        "training": cards.training,
        "limits": closing.limits,
        "monitoring": closing.monitoring,
        "settings": settings,
        "glossary": closing.glossary,
    },
    heading=_heading_of_alerts,
    meta=_meta,
    dialect="fraud",
)
"""The catalogue for a study judged by its alerts: nothing of loans, and its own words (see `Words`)."""


def _heading_of_falls(part: str, words: Words) -> str:
    return words(f"currency.part.{part}")


FALLS: Edition[ScoringContent] = Edition(
    engine="falls",
    parts={
        "summary": summary.summary,
        "newest": falls.newest,
        "claims": claims.claims,
        "skill": falls.skill,
        "scores": scores.scores,
        "comparisons": comparisons.comparisons,
        "discrimination": discrimination.discrimination,
        "calibration": calibration.calibration,
        "stability": stability.stability,
        "seeds": comparisons.seeds,
        "data": cards.data,
        "method": cards.method,
        "training": cards.training,
        "limits": closing.limits,
        "monitoring": closing.monitoring,
        "settings": settings,
        "glossary": closing.glossary,
    },
    heading=_heading_of_falls,
    meta=_meta,
    dialect="falls",
)
"""The catalogue for the falls of currencies: nothing of loans, and its own words."""
