"""The answer to a claim, made the same way for every kind of study."""

from __future__ import annotations

import math
from typing import Protocol

from barograph.core.results import ClaimResult, Standing
from barograph.core.scoring_study import ScoringClaim
from barograph.core.study import Claim


class Asked(Protocol):
    """A claim on one block of a study, in one figure."""

    @property
    def claim(self) -> Claim | ScoringClaim:
        """What was stated."""

    @property
    def metric(self) -> str:
        """The figure that is compared."""

    @property
    def block(self) -> str:
        """Where it is judged."""


def answered(
    question: Asked,
    test: str,
    detail: str,
    *,
    held: bool,
    verdict: Standing,
    difference: float | None = None,
    statistic: float | None = None,
    p_value: float | None = None,
) -> ClaimResult:
    """The answer to a question; figures that are NaN or infinite become None.

    Parameters
    ----------
    question : Asked
    test : str
        Name of the test; "none" where there was none.
    detail : str
        One sentence: what was asked and what was found.
    held : bool
        Whether the claim holds.
    verdict : Standing
    difference, statistic, p_value : float, optional
    """
    claim = question.claim
    return ClaimResult(
        claim=claim.key,
        rung=claim.rung,
        model=claim.model,
        opponent=claim.opponent,
        metric=question.metric,
        difference=_finite(difference),
        test=test,
        statistic=_finite(statistic),
        p_value=_finite(p_value),
        verdict=verdict,
        held=held,
        block=question.block,
        detail=detail,
    )


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
