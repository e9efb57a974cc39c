"""Questions several views ask of the content."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from barograph.core.results import BackTest, ClaimResult, Comparison
from barograph.evaluate.report.content import AssetSeries, ReportContent

MAIN_TESTS = ("kupiec", "conditional_coverage", "dynamic_quantile", "acerbi_szekely_2", "traffic_light")
"""Back-tests of the summary: number, independence, predictability of exceptions; ES; Basel's zones."""

RECENT_DAYS = 250
YELLOW_FROM, RED_FROM = 5, 10
"""Exceptions of a 99 % VaR in 250 days at which the Basel traffic light turns (Basel Committee 1996)."""


def decisive(content: ReportContent) -> str:
    """The block that decides: confirmation where any series confirms, else all series together."""
    return "confirmation" if len(content.development) < len(content.entities) else "all"


def decisive_claims(content: ReportContent) -> list[ClaimResult]:
    """The claims as judged on the decisive block; where none was judged there, all of them."""
    found = [claim for claim in content.claims if claim.block == decisive(content)]
    return found or list(content.claims)


def pooled(content: ReportContent, *, block: str = "all") -> list[Comparison]:
    """QLIKE comparisons of every model to the reference over a block, shortest horizon."""
    return [
        row
        for row in content.comparisons
        if row.opponent == content.reference
        and row.metric == "qlike"
        and row.horizon == content.near
        and row.entity == ""
        and row.block == block
    ]


def strongest_control(content: ReportContent) -> Comparison | None:
    """The candidate against the control it beats least, over the decisive block; None if there is none."""
    rows = [
        row
        for row in content.comparisons
        if row.model == content.candidate
        and content.roles.get(row.opponent) == "control"
        and (row.metric, row.horizon, row.entity, row.block) == ("qlike", content.near, "", decisive(content))
    ]
    return max(rows, key=lambda row: row.difference, default=None)


def of_decisive_entities(content: ReportContent) -> list[Comparison]:
    """The candidate against the reference on each entity of the decisive block."""
    rows = by_entity(content, content.candidate, content.reference)
    confirming = decisive(content) == "confirmation"
    return [row for row in rows if not confirming or row.entity not in content.development]


def by_entity(content: ReportContent, model: str, opponent: str) -> list[Comparison]:
    """QLIKE comparisons of two models, one per entity, shortest horizon."""
    return [
        row
        for row in content.comparisons
        if row.model == model
        and row.opponent == opponent
        and row.metric == "qlike"
        and row.horizon == content.near
        and row.entity
    ]


def exceptions(series: AssetSeries, model: str, last: int | None = None) -> tuple[int, int]:
    """Exceptions of a model's VaR and days judged, over the last days or all of them."""
    known = np.flatnonzero(np.isfinite(series.next_return))
    kept = known if last is None else known[-last:]
    broken = series.next_return[kept] < -series.value_at_risk[model][kept]
    return int(broken.sum()), int(kept.size)


def passed_share(tests: Iterable[BackTest]) -> tuple[int, int]:
    """Back-tests passed and back-tests that could be judged."""
    judged = [test.passed for test in tests if test.passed is not None]
    return sum(judged), len(judged)


def nested(content: ReportContent) -> list[Comparison]:
    """Clark-West tests of the networks against the control they start from, shortest horizon, by entity."""
    return [
        row
        for row in content.comparisons
        if row.test.name == "clark_west" and row.horizon == content.near and row.opponent == "linear"
    ]
