"""From the record of a scoring run to the content of its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from barograph.core.errors import LeakError, unknown
from barograph.core.fitted_records import GradeParameters
from barograph.core.record_table import EventLink, RecordSchema
from barograph.core.records import Provenance
from barograph.core.results import ClaimResult, Comparison, Score, Verdict
from barograph.core.scored import Protocol, ScoringRecord
from barograph.core.scoring_study import ScoringStudy
from barograph.evaluate.records.alerts import alert_figures
from barograph.evaluate.records.arena import Arena, Court
from barograph.evaluate.records.fairness import FairnessRow, fairness_rows
from barograph.evaluate.records.figures import HIGHER_IS_BETTER, ranks_baselines
from barograph.evaluate.records.grades import grade_rows
from barograph.evaluate.records.leaks import denied_columns
from barograph.evaluate.records.scores import entity_of
from barograph.evaluate.records.stability import Stability, stability
from barograph.evaluate.records.vintages import VintageCurve, default_curves
from barograph.evaluate.report.scoring.alerts_content import AlertCase, AlertsContent
from barograph.evaluate.report.scoring.content import GradeTable, ScoringContent, ScoringFacts
from barograph.evaluate.report.scoring.diagnostics import known, once
from barograph.evaluate.report.scoring.falls_content import FallsContent, NewestFall, falls_content
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
    alerts: tuple[AlertCase, ...] = ()  # the latest of the highest, with their reasons
    newest: tuple[NewestFall, ...] = ()  # of currencies: what the bundle says at their newest fixing
    scale: GradeParameters | None = None  # the bundle's master scale; None makes one of the scored records'


class _Population(TypedDict):
    """The fields of `ScoringContent` about the headline's records under the champion."""

    grades: GradeTable | None
    stability: Stability | None
    unlike: tuple[float, ...]
    vintages: tuple[VintageCurve, ...]
    fairness: tuple[FairnessRow, ...]
    alerts: AlertsContent | None
    falls: FallsContent | None


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
    events: EventLink | None = None,
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
    events : EventLink, optional
        Instants, counterparties and patterns of records that are events.

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
        **_population(arena.headline, cast, practice, events),
        **_practical(practice),
    )


def _alerts(court: Court, cast: Cast, events: EventLink | None, practice: Practice) -> AlertsContent | None:
    """Figures of alerts, champion and reference in detail; None of a study that is not judged by them."""
    if court.study.evaluate.alerts is None:
        return None
    figures = alert_figures(court, events, (cast.champion, cast.reference))
    network = events is not None and events.graph is not None
    return AlertsContent(figures, practice.alerts, network)


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
    for role in ("combination", "network", "control", "baseline", "unsupervised"):
        for scored in record.protocols:
            models: tuple[str, ...] = getattr(scored, role if role == "unsupervised" else f"{role}s")
            roles |= {model: role for model in models if model in scored.predicted}
    nameless = {model for scored in record.protocols for model in scored.predicted} - set(roles)
    if nameless:
        raise LeakError(f"models without a role: {sorted(nameless)}")
    return roles


def reference_of(court: Court, scores: Sequence[Score]) -> str:
    """The best baseline of a protocol over all records, by `figures.ranks_baselines`."""
    metric = ranks_baselines(court.study)
    sign = -1.0 if metric in HIGHER_IS_BETTER else 1.0
    value = {
        cell.model: sign * cell.value
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


def _population(court: Court, cast: Cast, practice: Practice, events: EventLink | None) -> _Population:
    """Grades, stability, vintages, groups; of a loss study stability alone, of alerts that and the alerts."""
    records, study, scored = court.record.records, court.study, court.scored
    champion = cast.champion
    lent = study.model.head != "hurdle_beta" and study.evaluate.alerts is None
    lent &= study.prepare.fixings is None
    given = champion in scored.predicted
    found = stability(records, study, scored, champion) if given else None
    told = practice.unlike_by_block
    since = study.evaluate.train_since
    return _Population(
        grades=_grades(court, champion, practice.scale) if given and lent else None,
        stability=found,
        unlike=() if found is None or not told else tuple(told.get(b, float("nan")) for b in found.blocks),
        vintages=tuple(c for c in default_curves(records) if int(c.vintage) >= since) if lent else (),
        fairness=_groups(court, champion) if given else (),
        alerts=_alerts(court, cast, events, practice),
        falls=falls_content(court, practice.newest),
    )


def _groups(court: Court, champion: str) -> tuple[FairnessRow, ...]:
    """Approval by group; alerts approve nobody."""
    if court.study.evaluate.alerts is not None:
        return ()
    return fairness_rows(court.record.records, court.study, once(court.scored), champion, lang=court.lang)


def _grades(court: Court, champion: str, scale: GradeParameters | None) -> GradeTable | None:
    scored = once(court.scored)
    places = known(scored, champion)
    if not places.size:
        return None
    scale = scale or master_scale(scored.predicted[champion][places], court.study.deploy.grades)
    return GradeTable(champion, grade_rows(scored, champion, scale))
