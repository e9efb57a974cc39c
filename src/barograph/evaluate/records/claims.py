"""Claims of a scoring study, stated before results are seen, held against what came out."""

from __future__ import annotations

from barograph.core.results import ClaimResult, Verdict
from barograph.core.scored import ScoringRecord
from barograph.core.scoring_study import ScoringClaim, ScoringStudy
from barograph.core.texts import text
from barograph.core.unsupervised import BEST_RIVAL
from barograph.evaluate.claim_results import answered
from barograph.evaluate.records.arena import Arena, Block, Court
from barograph.evaluate.records.figures import CALIBRATION
from barograph.evaluate.records.rules import RULES, Question, where_text
from barograph.evaluate.records.verdict import overall
from barograph.evaluate.wording import label


def judge(
    record: ScoringRecord, study: ScoringStudy, *, lang: str = "en"
) -> tuple[list[ClaimResult], Verdict]:
    """Each claim of the study on its protocol; then the verdict.

    At the origin a claim over all vintages is also judged on those that chose the recipe and on those that
    confirm it, if there are both kinds. A claim about something that this run does not have (a model not
    chosen, a protocol not run, a block not scored, a figure of another kind of study) is not judged and does
    not hold; its sentence says so. So is a claim of calibration under the retrospective protocol.

    Parameters
    ----------
    record : ScoringRecord
    study : ScoringStudy
        Its claims, development vintages, candidate and champion.
    lang : str
        Language of the sentences; the figures do not depend on it.

    Returns
    -------
    claims : list of ClaimResult
        In the order of the study, "all" first within each claim.
    verdict : Verdict
        See `verdict.overall`.
    """
    arena = Arena(record, study, lang)
    results: list[ClaimResult] = []
    for stated in study.evaluate.claims:
        names = {"model": arena.model(stated.model), "opponent": arena.model(stated.opponent)}
        results += _judged(arena, stated.model_copy(update=names))
    return results, overall(arena, results)


def _judged(arena: Arena, claim: ScoringClaim) -> list[ClaimResult]:
    court = arena.courts.get(claim.protocol)
    if court is None:
        return [_unjudged(Question(claim, arena.headline, "all", "all"), "protocol", claim.protocol)]
    if claim.block and claim.block not in court.blocks:
        return [_unjudged(Question(claim, court, "all", "all"), "block", claim.block)]
    parts: list[tuple[str, Block]] = (
        [(claim.block, court.block_of(claim.block))]
        if claim.block
        else [(part, part) for part in court.parts]
    )
    questions = (Question(claim, court, where, block) for where, block in parts)
    return [_unanswerable(question, court) or RULES[claim.kind](question) for question in questions]


def _unanswerable(question: Question, court: Court) -> ClaimResult | None:
    """The answer to a claim about something this run does not have, or None."""
    claim, known = question.claim, court.scored.candidates
    alone = claim.kind in ("best_of_all", "at_least") or claim.opponent == BEST_RIVAL
    needed = (claim.model,) if alone else (claim.model, claim.opponent)
    missing = [name for name in needed if name not in known]
    if missing:
        return _unjudged(question, "model", missing[0])
    if question.metric not in court.figures:
        return _unjudged(question, "metric", label("metric", question.metric, court.lang))
    if court.protocol == "retrospective" and question.metric in CALIBRATION:
        return _unjudged(question, "calibration", label("metric", question.metric, court.lang))
    return None


def _unjudged(question: Question, what: str, name: str) -> ClaimResult:
    lang = question.lang
    shown = where_text(name, "all", lang) if what == "protocol" else name
    detail = text(f"scoring.unjudged.{what}", lang, name=shown)
    return answered(question, "none", detail, held=False, verdict="indistinguishable")
