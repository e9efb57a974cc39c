"""The report: `content_from` gathers what a run found, `render` makes one self-contained HTML file of it."""

from barograph.evaluate.report.content import (
    BookFigures,
    NextDay,
    PoolWeight,
    ReportContent,
    RunFacts,
    TrainingFact,
)
from barograph.evaluate.report.gather import content_from
from barograph.evaluate.report.html import render
from barograph.evaluate.report.policy import policy_names

__all__ = [
    "BookFigures",
    "NextDay",
    "PoolWeight",
    "ReportContent",
    "RunFacts",
    "TrainingFact",
    "content_from",
    "policy_names",
    "render",
]
