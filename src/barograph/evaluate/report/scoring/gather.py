"""From the record of a scoring run to the content of its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.errors import unknown
from barograph.core.fitted_records import GradeParameters
from barograph.core.record_table import Records, RecordSchema
from barograph.core.records import Provenance
from barograph.core.results import ClaimResult, Comparison, Score, Verdict
from barograph.core.scored import Protocol, ScoringRecord
from barograph.core.scoring_study import ScoringStudy
from barograph.core.texts import text
from barograph.evaluate.records.arena import Arena, Court
from barograph.evaluate.records.fairness import FairnessRow, fairness_rows
from barograph.evaluate.records.grades import grade_rows
from barograph.evaluate.records.stability import Stability, stability
from barograph.evaluate.records.verdict import Case
from barograph.evaluate.records.vintages import default_curves
from barograph.evaluate.report.scoring.content import (
    ColumnFact,
    GradeTable,
    ProtocolResults,
    ScoringContent,
    ScoringFacts,
)
from barograph.evaluate.report.scoring.judged import protocol_results
from barograph.evaluate.report.scoring.practice import Applicant, Portfolio, Scorecard
from barograph.evaluate.report.study_content import Role
from barograph.measures.credit.grades import master_scale


@dataclass(frozen=True, slots=True)
class Practice:
    """What the bundle, as it will be served, says of real records."""

    portfolio: Portfolio | None
    scorecard: Scorecard | None
    applicants: tuple[Applicant, ...] = ()
    unlike_by_block: dict[str, float] | None = None  # share that the anomaly score flags, headline blocks
    scale: GradeParameters | None = None  # the bundle's; None takes one of the headline's own predictions


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
    reading: Sequence[str],
    facts: ScoringFacts,
    practice: Practice,
    lang: str = "en",
) -> ScoringContent:
    """Collect what a report prints.

    Parameters
    ----------
    record : ScoringRecord
        Scored records of every protocol; curves, calibration, grades and stability come from them.
    study : ScoringStudy
        The settings, printed in full.
    scores, comparisons, claims, verdict
        What evaluation found, already computed (see `evaluate.records`).
    provenance, schema : where the records came from, and which columns are dates.
    reading : sequence of str
        What was assumed while reading and fitting, one sentence each.
    facts : ScoringFacts
        What only the run knows.
    practice : Practice
    lang : str
        Language of the sentences made here.

    Raises
    ------
    SettingError
        The candidate or the champion was not scored.
    """
    arena = Arena(record, study, lang)
    roles, candidate = roles_of(record), arena.model(study.deploy.candidate)
    for model in (candidate, verdict.champion):
        if model not in roles:
            raise unknown("a model of the report", model, roles)
    reference = Case(arena, claims).rival()
    default = study.model.head == "bernoulli"
    shown = tuple(dict.fromkeys((verdict.champion, candidate, reference, "scorecard", "hazard", "ols")))
    moved = stability(record.records, study, record.headline, verdict.champion)
    return ScoringContent(
        name=study.name,
        question=study.question,
        settings=study.model_dump(mode="json"),
        verdict=verdict,
        claims=tuple(claims),
        provenance=provenance,
        roles=roles,
        candidate=candidate,
        reference=reference,
        facts=facts,
        target="default" if default else "loss",
        event=event_of(record.records, study, lang),
        protocols=_protocols(arena, scores, comparisons, shown),
        claim_protocols=_claim_protocols(record, study),
        development=_development(arena.headline),
        columns=columns_of(record.records, schema),
        reading=tuple(reading),
        leaks=record.leaks,
        grades=_grades(record, verdict.champion, study, practice.scale) if default else None,
        stability=moved,
        unlike=_unlike(practice, moved),
        vintages=default_curves(record.records) if default else (),
        portfolio=practice.portfolio,
        scorecard=practice.scorecard,
        applicants=practice.applicants,
        fairness=_fairness(arena, verdict.champion),
    )


def _protocols(
    arena: Arena, scores: Sequence[Score], comparisons: Sequence[Comparison], shown: Sequence[str]
) -> tuple[ProtocolResults, ...]:
    metric = "auc" if arena.study.model.head == "bernoulli" else "r2"
    return tuple(
        protocol_results(court, scores=scores, comparisons=comparisons, shown=shown, metric=metric)
        for court in arena
    )


def _development(court: Court) -> tuple[str, ...]:
    """Names of the blocks that chose the recipe, under the headline protocol."""
    return tuple(name for name in court.blocks if court.block_of(name) == "development")


def _fairness(arena: Arena, champion: str) -> tuple[FairnessRow, ...]:
    if arena.study.model.head != "bernoulli":
        return ()
    record = arena.record
    return fairness_rows(record.records, arena.study, record.headline, champion, lang=arena.lang)


def roles_of(record: ScoringRecord) -> dict[str, Role]:
    """Every model scored under any protocol and its part, in the order the tables list them."""
    roles: dict[str, Role] = {}
    for scored in record.protocols:
        parts: tuple[tuple[Role, tuple[str, ...]], ...] = (
            ("combination", scored.combinations),
            ("network", scored.networks),
            ("control", scored.controls),
            ("baseline", scored.baselines),
        )
        for role, models in parts:
            roles.update((model, role) for model in models if model not in roles)
    return roles


def event_of(records: Records, study: ScoringStudy, lang: str) -> str:
    """What counts as bad, or what the loss is, in one sentence."""
    section = study.collect
    if section.target is not None:
        value = "" if section.positive is None else f" = {section.positive}"
        return text("credit.event.column", lang, column=section.target, value=value)
    if study.model.head != "bernoulli":
        return text("credit.event.loss", lang)
    if records.has_time:
        return text("credit.event.window", lang, months=section.outcome_months)
    return text("credit.event.source", lang)


def columns_of(records: Records, schema: RecordSchema) -> tuple[ColumnFact, ...]:
    """Every column the models read, with its missing values; then every channel of a history."""
    n = max(records.n, 1)
    missing = {name: records.table[name].null_count() / n for name in records.columns}
    steps = np.isnan(records.sequence).reshape(-1, records.sequence.shape[2])
    return (
        *(
            ColumnFact(name, "date" if name in schema.dates else "numeric", missing[name])
            for name in records.numeric
        ),
        *(
            ColumnFact(name, "categorical", missing[name], records.table[name].drop_nulls().n_unique())
            for name in records.categorical
        ),
        *(
            ColumnFact(name, "sequence", float(steps[:, i].mean()) if steps.size else 0.0)
            for i, name in enumerate(records.channels)
        ),
    )


def _claim_protocols(record: ScoringRecord, study: ScoringStudy) -> dict[str, Protocol]:
    """Protocol of each claim; one whose protocol was not run stands, unjudged, with the headline's."""
    run = {scored.protocol for scored in record.protocols}
    headline = record.headline.protocol
    return {
        claim.key: claim.protocol if claim.protocol in run else headline for claim in study.evaluate.claims
    }


def _grades(
    record: ScoringRecord, model: str, study: ScoringStudy, scale: GradeParameters | None
) -> GradeTable:
    scored = record.headline
    used = scale if scale is not None else master_scale(scored.predicted[model], study.deploy.grades)
    return GradeTable(model, grade_rows(scored, model, used))


def _unlike(practice: Practice, moved: Stability | None) -> tuple[float, ...]:
    """Shares in the order of the blocks; none where one of them is not known."""
    if moved is None or practice.unlike_by_block is None:
        return ()
    if any(name not in practice.unlike_by_block for name in moved.blocks):
        return ()
    return tuple(practice.unlike_by_block[name] for name in moved.blocks)
