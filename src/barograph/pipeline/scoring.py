"""A scoring study through the six steps: collect, prepare, model, train, evaluate, deploy."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from barograph.collect.macro_samples import macro_table
from barograph.collect.raw import RawTable
from barograph.collect.records.row_file import RowFile, write_rows
from barograph.collect.records.snapshot import save_records
from barograph.core.contracts import Progress
from barograph.core.record_table import Records, RecordSnapshot
from barograph.core.results import ClaimResult, Comparison, Score, SeparateTest, Verdict
from barograph.core.scored import ScoringRecord
from barograph.core.scoring_study import ScoringStudy
from barograph.engines.scoring.answer import Predictor
from barograph.engines.scoring.fit import ScoringRun, score_records
from barograph.engines.scoring.plan import networks_of
from barograph.evaluate.records.claims import judge
from barograph.evaluate.records.comparing import comparisons
from barograph.evaluate.records.plan import planned_folds, refit_fold
from barograph.evaluate.records.scores import scores
from barograph.evaluate.report import render
from barograph.evaluate.report.scoring.content import ScoringContent
from barograph.evaluate.report.scoring.gather import Practice, scoring_content
from barograph.models.scorers import refuse_without_history, scorer_of
from barograph.pipeline.alert_facts import alerts_told
from barograph.pipeline.executors import executor_for
from barograph.pipeline.memory import watched
from barograph.pipeline.outcome import (
    DATA,
    Context,
    Outcome,
    close,
    identity_of,
    write_papers,
)
from barograph.pipeline.scoring_deploy import deploy_scoring, practice_in
from barograph.pipeline.scoring_facts import scoring_facts
from barograph.pipeline.separate import tested_records, told_of
from barograph.pipeline.workspace import DiskMemory, open_workspace
from barograph.prepare.history import History, with_history
from barograph.prepare.history_build import build_history


@dataclass(frozen=True, slots=True, eq=False)
class ScoringOutcome(Outcome):
    """A finished scoring run."""

    snapshot: RecordSnapshot
    record: ScoringRecord


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    scores: list[Score]
    comparisons: list[Comparison]
    claims: list[ClaimResult]
    verdict: Verdict


def run_scoring(
    study: ScoringStudy,
    snapshot: RecordSnapshot,
    target: Path,
    *,
    resume: bool,
    lang: str,
    progress: Progress,
    test: RawTable | None = None,
) -> ScoringOutcome:
    """Run a scoring study on a snapshot of records into a folder.

    Parameters
    ----------
    study : ScoringStudy
    snapshot : RecordSnapshot
        Records as their source gave them.
    target : Path
        Folder of the finished run; until then everything lies in ``target.part``.
    resume : bool
        Go on with an unfinished run of the same settings and data.
    lang : str
        Language of sentences and report.
    progress : Progress
    test : RawTable, optional
        A separate test file that was checked (`pipeline.separate`); the finished bundle answers it.
    """
    began = time.perf_counter()
    progress.stage("prepare", 0)
    history = history_of(snapshot.records, study)
    records = snapshot.records
    if history is not None:
        records = with_history(records, history, summaries=study.prepare.summaries)
    for key in networks_of(study):
        refuse_without_history(key, records.sequence.shape[1])
    for plan in (planned_folds, refit_fold):  # refuse too few records while nothing is written
        plan(records, study)
    identity = _identity(study, snapshot)
    with open_workspace(target, identity, resume=resume) as space, watched() as memory:
        with executor_for(study.train.workers, memory, engine=study.train.engine) as executor:
            disk, work = DiskMemory(space, executor), space.cache
            file = _row_file(snapshot, study, work)
            run = score_records(
                records, study, memory=disk, progress=progress, checkpoints=work, lang=lang, file=file
            )
        progress.stage("evaluate", 0)
        judged = _judge(run.record, study, lang)
        progress.stage("deploy", 0)
        predictor = deploy_scoring(run, snapshot, study, judged.verdict, history, space)
        progress.stage("report", 0)
        context = Context(study, snapshot.provenance, space, lang, began, memory)
        separate = (
            None if test is None else tested_records(test, predictor, study, space, snapshot.outcome_words)
        )
        outcome = _finish(context, snapshot, run, judged, predictor, separate)
    progress.close()
    return outcome


def _identity(study: ScoringStudy, snapshot: RecordSnapshot) -> dict[str, Any]:
    """What a resumed run must have in common with the one before: also the rows that are not in memory."""
    known = identity_of(study, snapshot.provenance)
    return known if snapshot.beyond is None else {**known, "file": snapshot.beyond.digest}


def _row_file(snapshot: RecordSnapshot, study: ScoringStudy, work: Path) -> RowFile | None:
    """The rows that networks are streamed, written beside the work; None where memory holds them all."""
    if snapshot.beyond is None:
        return None
    loss, today = study.model.head == "hurdle_beta", datetime.date.today()
    return write_rows(snapshot, study.collect, work.resolve() / "rows.bin", loss=loss, today=today)


def history_of(records: Records, study: ScoringStudy) -> History | None:
    """The constructed history, where the study asks for one and a model of it reads one."""
    section = study.prepare
    read = section.summaries or any(scorer_of(key).needs_sequence for key in networks_of(study))
    if not section.history_by or not section.history_months or not read:
        return None
    macro = macro_table() if section.macro else None
    return build_history(records, by=section.history_by, months=section.history_months, macro=macro)


def _judge(record: ScoringRecord, study: ScoringStudy, lang: str) -> _Judged:
    cells = scores(record, study, lang=lang)
    compared = comparisons(record, study, lang=lang)
    claims, verdict = judge(record, study, lang=lang)
    return _Judged(cells, compared, claims, verdict)


def _finish(
    context: Context[ScoringStudy],
    snapshot: RecordSnapshot,
    run: ScoringRun,
    judged: _Judged,
    predictor: Predictor,
    separate: SeparateTest | None,
) -> ScoringOutcome:
    """Report, settings, data and result; then the move into place."""
    study, space = context.study, context.space
    practice = practice_in(predictor, run, snapshot, study, context.lang)
    content = _content(context, snapshot, run, judged, practice)
    write_papers(context, render(content, lang=context.lang, policy=study.deploy.policy, separate=separate))
    save_records(snapshot, space.path(DATA))
    outcome = ScoringOutcome(
        **context.ending(
            verdict=judged.verdict,
            claims=judged.claims,
            scores=judged.scores,
            comparisons=judged.comparisons,
        ),
        stages=run.seconds,
        told=_told(run, snapshot, practice) | {"alerts": alerts_told(content.alerts)} | told_of(separate),
        snapshot=snapshot,
        record=run.record,
    )
    close(space, outcome)
    return outcome


def _content(
    context: Context[ScoringStudy],
    snapshot: RecordSnapshot,
    run: ScoringRun,
    judged: _Judged,
    practice: Practice,
) -> ScoringContent:
    study = context.study
    facts = scoring_facts(
        run, study, seconds=context.seconds, peak=context.memory.total(), scored=context.scored()
    )
    return scoring_content(
        run.record,
        study,
        scores=judged.scores,
        comparisons=judged.comparisons,
        claims=judged.claims,
        verdict=judged.verdict,
        provenance=context.provenance,
        schema=snapshot.schema,
        reading=(*snapshot.notes, *run.notes),
        facts=facts,
        practice=practice,
        lang=context.lang,
        events=snapshot.events,
    )


def _told(run: ScoringRun, snapshot: RecordSnapshot, practice: Practice) -> dict[str, Any]:
    """What only this engine tells in the JSON of a run."""
    effort: Mapping[str, Any] = {
        model: {
            "trials": len(tried),
            "seconds": round(sum(one.seconds for one in tried), 3),
            "best": min(tried, key=lambda one: one.loss).settings,
        }
        for model in dict.fromkeys(one.model for one in run.record.trials)
        for tried in ([one for one in run.record.trials if one.model == model],)
    }
    return {
        "leaks": [asdict(finding) for finding in run.record.leaks],
        "tuning": dict(effort),
        "fits": [asdict(fact) for fact in run.facts],
        "notes": [*snapshot.notes, *run.notes],
        "falls": [asdict(one) for one in practice.newest],
        "portfolio": None if practice.portfolio is None else asdict(practice.portfolio.total),
    }
