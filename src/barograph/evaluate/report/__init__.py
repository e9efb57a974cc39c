"""The report: `content_from` gathers what a run found, `render` makes one self-contained HTML file of it."""

from barograph.evaluate.report.content import (
    BookFigures,
    NextDay,
    PoolWeight,
    ReportContent,
    RunFacts,
)
from barograph.evaluate.report.gather import content_from
from barograph.evaluate.report.html import render
from barograph.evaluate.report.policy import policy_names
from barograph.evaluate.report.scoring.content import ScoringContent, ScoringFacts
from barograph.evaluate.report.study_content import TrainingFact

__all__ = [
    "BookFigures",
    "NextDay",
    "PoolWeight",
    "ReportContent",
    "RunFacts",
    "ScoringContent",
    "ScoringFacts",
    "TrainingFact",
    "content_from",
    "policy_names",
    "render",
]
