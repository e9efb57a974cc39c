"""Questions several views of a scoring report ask of the content."""

from __future__ import annotations

import numpy as np

from barograph.core.results import ClaimResult
from barograph.evaluate.report.scoring.content import (
    CalibrationSummary,
    GradeTable,
    ProtocolResults,
    ScoreDifference,
    ScoringContent,
)

PSI_WATCH, PSI_ACT = 0.10, 0.25
"""Population stability from which a shift is watched, and from which it is acted on (Siddiqi 2006)."""

FOUR_FIFTHS = 0.80
"""Adverse impact ratio below which a difference needs a reason (29 CFR 1607.4 D)."""

FAR_OFF = 1.5
"""Factor between predicted and observed default rate of a block from which the report warns."""

CLOSE = 1.2
"""Factor up to which predicted and observed default rate of all blocks count as close."""

SIZE = 0.05
"""Level at which a grade's test rejects."""


def value(protocol: ProtocolResults, model: str, metric: str, block: str = "") -> float | None:
    """One score; None where it was not scored."""
    found = (s for s in protocol.scores if (s.model, s.metric, s.entity) == (model, metric, block))
    return next((score.value for score in found), None)


def differences(
    content: ScoringContent, protocol: ProtocolResults, *, opponent: str, block: str = ""
) -> list[ScoreDifference]:
    """Differences in the study's first score of every model to one opponent."""
    return [
        row
        for row in protocol.differences
        if (row.opponent, row.metric, row.block) == (opponent, content.metric, block)
    ]


def difference(
    content: ScoringContent, protocol: ProtocolResults, model: str, opponent: str, block: str = ""
) -> ScoreDifference | None:
    """The difference in the study's first score of one model to one opponent."""
    rows = differences(content, protocol, opponent=opponent, block=block)
    return next((row for row in rows if row.model == model), None)


def by_block(content: ScoringContent, protocol: ProtocolResults) -> list[ScoreDifference]:
    """The candidate against the reference on every block."""
    rows = (
        difference(content, protocol, content.candidate, content.reference, block.name)
        for block in protocol.blocks
    )
    return [row for row in rows if row is not None]


def strongest_control(content: ScoringContent) -> ScoreDifference | None:
    """The candidate against the control it beats least under the headline protocol; None if there is none."""
    rows = [
        row
        for row in content.headline.differences
        if (row.model, row.metric, row.block) == (content.candidate, content.metric, decisive_block(content))
        and content.roles.get(row.opponent) == "control"
    ]
    return min(rows, key=lambda row: row.difference, default=None)


def decisive_block(content: ScoringContent) -> str:
    """What decides under the headline protocol: the blocks that confirm where there are such, else all."""
    return "confirmation" if any(r.block == "confirmation" for r in content.headline.differences) else ""


def decisive_claims(content: ScoringContent) -> list[ClaimResult]:
    """Every claim once: as judged where it confirms, else over all, else where the recipe was chosen."""
    weight = {"confirmation": 0, "development": 2}
    found: dict[str, ClaimResult] = {}
    for claim in sorted(content.claims, key=lambda claim: weight.get(claim.block, 1)):
        found.setdefault(claim.claim, claim)
    return list(found.values())


def calibrated(protocol: ProtocolResults, model: str) -> CalibrationSummary | None:
    """Predicted against observed of one model."""
    return next((row for row in protocol.calibration if row.model == model), None)


def far_off(content: ScoringContent, model: str) -> list[str]:
    """Headline blocks in which predicted and observed are further apart than `FAR_OFF`."""
    protocol = content.headline
    predicted = protocol.predicted.get(model)
    if predicted is None:
        return []
    pairs = zip(protocol.blocks, predicted.tolist(), strict=True)
    return [block.name for block, p in pairs if apart(p, block.outcome) > FAR_OFF]


def apart(predicted: float, observed: float) -> float:
    """Factor between two rates, at least 1; infinite where one of them is zero."""
    low, high = sorted((predicted, observed))
    return high / low if low > 0 else float("inf")


def shifted(content: ScoringContent) -> list[str]:
    """Blocks in which the score's population has shifted from what the models were fitted on."""
    if content.stability is None:
        return []
    over = np.flatnonzero(content.stability.score >= PSI_ACT)
    return [content.stability.blocks[place] for place in over]


def rejected(grades: GradeTable | None) -> list[str]:
    """Grades whose default rate is too high for their prediction (Jeffreys test)."""
    rows = () if grades is None else grades.rows
    return [row.name for row in rows if row.jeffreys is not None and row.jeffreys < SIZE]


def alarms(content: ScoringContent) -> list[str]:
    """Columns that the leak alarm warns of; columns denied beforehand are not among them."""
    return list(dict.fromkeys(f.column for f in content.leaks if f.kind != "denied"))
