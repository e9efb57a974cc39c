"""Claims, stated in the recipe before results are seen, held against what came out."""

from __future__ import annotations

from collections.abc import Sequence

from barograph.core.forecast import OutOfSample
from barograph.core.results import BackTest, ClaimResult, Verdict
from barograph.core.study import Study
from barograph.core.texts import text
from barograph.evaluate.arena import arena
from barograph.evaluate.claim_results import answered
from barograph.evaluate.comparing import comparisons, nested_comparisons
from barograph.evaluate.confidence import confidence_sets
from barograph.evaluate.rules import RULES, Question
from barograph.evaluate.verdicts import overall

__all__ = ["comparisons", "confidence_sets", "judge", "nested_comparisons"]


def judge(
    out: OutOfSample, study: Study, back_tests: Sequence[BackTest], *, lang: str = "en"
) -> tuple[list[ClaimResult], Verdict]:
    """Each claim of the study on all entities and on either block apart; then the verdict.

    A block without a scored entity is left out. A claim about a model or horizon that this run does not have
    (a network not chosen, a baseline taken out) is not judged and does not hold; its sentence says so.

    Parameters
    ----------
    out : OutOfSample
        The walk-forward run.
    study : Study
        Its claims, development entities, candidate and champion.
    back_tests : sequence of BackTest
        Results of the back-tests, for claims of kind `backtests_pass`.
    lang : str
        Language of the sentences; the figures do not depend on it.

    Returns
    -------
    claims : list of ClaimResult
        In the order of the study, "all" first within each claim.
    verdict : Verdict
        See `evaluate.verdicts.overall`.
    """
    field = arena(out, study)
    results: list[ClaimResult] = []
    for claim in study.evaluate.claims:
        for block in field.blocks():
            question = Question(claim, field, block, back_tests, lang)
            results.append(_unanswerable(question) or RULES[claim.kind](question))
    return results, overall(field, results, lang)


def _unanswerable(question: Question) -> ClaimResult | None:
    """The answer to a claim about something this run does not have, or None."""
    claim, lang = question.claim, question.lang
    missing = [
        name for name in (claim.model, claim.opponent) if name and name not in question.field.candidates
    ]
    if missing:
        detail = text("verdict.detail.unknown_model", lang, name=missing[0])
    elif claim.horizon not in question.field.out.samples.horizons:
        detail = text("verdict.detail.unknown_horizon", lang, horizon=claim.horizon)
    else:
        return None
    return answered(question, "none", detail, held=False, verdict="indistinguishable")
