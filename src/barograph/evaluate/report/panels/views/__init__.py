"""One view per part of a panel report: content and words in, blocks out."""

from __future__ import annotations

from barograph.evaluate.report.edition import Edition
from barograph.evaluate.report.panels.content import PanelContent
from barograph.evaluate.report.panels.views import cards, charted, diagnosis, summary, tables
from barograph.evaluate.report.views.closing import settings
from barograph.evaluate.report.words import Words


def _heading(part: str, words: Words) -> str:
    return words(f"panels.part.{part}")


def _meta(content: PanelContent, words: Words) -> str:
    return words(
        "panels.meta",
        origins=content.origins,
        since=content.since,
        until=content.until,
        folds=content.folds,
        series=len(content.series),
    )


PANELS: Edition[PanelContent] = Edition(
    engine="panels",
    parts={
        "summary": summary.summary,
        "claims": tables.claims,
        "cells": charted.cells,
        "scores": tables.scores,
        "comparisons": tables.comparisons,
        "fans": charted.fans,
        "factors": diagnosis.factors,
        "calibration": diagnosis.calibration,
        "direction": diagnosis.direction,
        "steadiness": diagnosis.steadiness,
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
"""The catalogue that policy packs choose from for a panel of levels."""
