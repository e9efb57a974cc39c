"""From the record of a scoring run to the content of its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from barograph.core.errors import LeakError, unknown
from barograph.core.fitted_records import GradeParameters
from barograph.core.record_table import RecordSchema
from barograph.core.records import Provenance
from barograph.core.results import ClaimResult, Comparison, Score, Verdict
from barograph.core.scored import Protocol, ScoringRecord
from barograph.core.scoring_study import ScoringStudy
from barograph.evaluate.records.arena import Arena, Court
from barograph.evaluate.records.fairness import FairnessRow, fairness_rows
from barograph.evaluate.records.grades import grade_rows
from barograph.evaluate.records.leaks import denied_columns
from barograph.evaluate.records.scores import entity_of
from barograph.evaluate.records.stability import Stability, stability
from barograph.evaluate.records.vintages import VintageCurve, default_curves
from barograph.evaluate.report.scoring.content import GradeTable, ScoringContent, ScoringFacts
from barograph.evaluate.report.scoring.diagnostics import known, once
from barograph.evaluate.report.scoring.gather_data import column_facts, event_sentence
from barograph.evaluate.report.scoring.gather_protocol import Cast, protocol_results
from barograph.evaluate.report.scoring.practice import Applicant, Portfolio, Scorecard
from barograph.evaluate.report.study_content import Role
from barograph.measures.credit.grades import master_scale


@dataclass(frozen=True, slots=True, eq=False)
class Practice:
    """What the bundle says of real applicants; only the run that has loaded it knows."""

    portfolio: Portfolio | None
    scorecard: Scorecard | None
    applicants: tuple[Applicant, ...]
    unlike_by_block: dict[str, float] | None  # name of a headline block -> share the anomaly score flags
    scale: GradeParameters | None = None  # the bundle's master scale; None makes one of the scored records'


class _Population(TypedDict):
    """The fields of `ScoringContent` about the headline's records under the champion."""

    grades: GradeTable | None
    stability: Stability | None
    unlike: tuple[float, ...]
    vintages: tuple[VintageCurve, ...]
    fairness: tuple[FairnessRow, ...]


def scoring_content(
    record: ScoringRecord,
    study: ScoringStudy,
    *,
    scores: Sequence[Score],
    comparisons: Sequence[Comparison],
    claims: Sequence[ClaimResult],
    verdict: Verdict,
    provenance: Provenance,
    schema: RecordSchema,
    reading: tuple[str, ...],
    facts: ScoringFacts,
    practice: Practice,
    lang: str,
) -> ScoringContent:
    """Collect what a report of the scoring engine prints.

    Parameters
    ----------
    record : ScoringRecord
        The scored records; curves, bins, grades, stability and vintages come from it.
    study : ScoringStudy
        The settings, printed in full.
    scores, comparisons, claims, verdict
        What evaluation found, already computed.
    provenance : Provenance
        Where the data came from.
    schema : RecordSchema
        Which columns are dates.
    reading : tuple of str
        What was assumed while reading.
    facts : ScoringFacts
        What only the run knows: seconds, memory, versions, training.
    practice : Practice
        What only the bundle knows: portfolio, scorecard, decisions.
    lang : str
        Language of the sentences made here.

    Raises
    ------
    SettingError
        Candidate or champion is no model of the run, or there is no baseline to be the reference.
    """
    arena = Arena(record, study, lang)
    cast, roles = _cast(arena, verdict, scores), roles_of(record)
    return ScoringContent(
        name=study.name,
        question=study.question,
        settings=study.model_dump(mode="json"),
        verdict=verdict,
        claims=tuple(claims),
        provenance=provenance,
        roles=roles,
        candidate=cast.candidate,
        reference=cast.reference,
        facts=facts,
        target="loss" if study.model.head == "hurdle_beta" else "default",
        event=event_sentence(record.records, study, lang),
        protocols=tuple(protocol_results(one, cast, scores=scores, comparisons=comparisons) for one in arena),
        claim_protocols=_claim_protocols(arena),
        development=_development(arena.headline),
        columns=column_facts(record.records, schema),
        reading=reading,
        leaks=(*record.leaks, *denied_columns(study)),
        **_population(arena.headline, verdict.champion, practice),
        **_practical(practice),
    )


class _Practical(TypedDict):
    """The fields of `ScoringContent` that only the bundle can fill."""

    portfolio: Portfolio | None
    scorecard: Scorecard | None
    applicants: tuple[Applicant, ...]


def _practical(practice: Practice) -> _Practical:
    return _Practical(
        portfolio=practice.portfolio, scorecard=practice.scorecard, applicants=practice.applicants
    )


def _cast(arena: Arena, verdict: Verdict, scores: Sequence[Score]) -> Cast:
    roles, candidate = roles_of(arena.record), arena.model(arena.study.deploy.candidate)
    for model in (candidate, verdict.champion):
        if model not in roles:
            raise unknown("a model of the report", model, roles)
    return Cast(verdict.champion, candidate, reference_of(arena.headline, scores))


def roles_of(record: ScoringRecord) -> dict[str, Role]:
    """Every model scored under some protocol and its part, in the order the tables list them."""
    roles: dict[str, Role] = {}
    for role in ("combination", "network", "control", "baseline"):
        for scored in record.protocols:
            models: tuple[str, ...] = getattr(scored, f"{role}s")
            roles |= {model: role for model in models if model in scored.predicted}
    nameless = {model for scored in record.protocols for model in scored.predicted} - set(roles)
    if nameless:
        raise LeakError(f"models without a role: {sorted(nameless)}")
    return roles


def reference_of(court: Court, scores: Sequence[Score]) -> str:
    """The best baseline of a protocol: smallest log loss over all records, of losses mean absolute error."""
    metric = "log_loss" if "log_loss" in court.figures else "mae"
    value = {
        cell.model: cell.value
        for cell in scores
        if (cell.metric, cell.entity) == (metric, entity_of(court.protocol)) and cell.value is not None
    }
    if not court.scored.baselines:
        raise unknown("the reference of a report", "none", court.scored.candidates)
    return min(court.scored.baselines, key=lambda model: value.get(model, float("inf")))


def _claim_protocols(arena: Arena) -> dict[str, Protocol]:
    """Protocol of each claim; one that was not run says so under the headline."""
    return {
        claim.key: claim.protocol if claim.protocol in arena.courts else arena.headline.protocol
        for claim in arena.study.evaluate.claims
    }


def _development(court: Court) -> tuple[str, ...]:
    """Names of the headline's blocks on which the recipe was chosen."""
    if "development" not in court.parts:
        return ()
    return tuple(name for name in court.blocks if court.block_of(name) == "development")


def _population(court: Court, champion: str, practice: Practice) -> _Population:
    """Grades, stability, vintages and groups; of a loss study stability alone."""
    records, study, scored = court.record.records, court.study, court.scored
    loss = study.model.head == "hurdle_beta"
    given = champion in scored.predicted
    found = stability(records, study, scored, champion) if given else None
    told = practice.unlike_by_block
    since = study.evaluate.train_since
    return _Population(
        grades=_grades(court, champion, practice.scale) if given and not loss else None,
        stability=found,
        unlike=() if found is None or not told else tuple(told.get(b, float("nan")) for b in found.blocks),
        vintages=() if loss else tuple(c for c in default_curves(records) if int(c.vintage) >= since),
        fairness=fairness_rows(records, study, once(scored), champion, lang=court.lang) if given else (),
    )


def _grades(court: Court, champion: str, scale: GradeParameters | None) -> GradeTable | None:
    scored = once(court.scored)
    places = known(scored, champion)
    if not places.size:
        return None
    scale = scale or master_scale(scored.predicted[champion][places], court.study.deploy.grades)
    return GradeTable(champion, grade_rows(scored, champion, scale))
