"""A level study through the six steps: collect, prepare, model, train, evaluate, deploy."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from barograph.collect.levels.snapshot import save_level
from barograph.core.contracts import Progress
from barograph.core.errors import SettingError
from barograph.core.level_study import LevelStudy
from barograph.core.level_table import LevelRecord, LevelSnapshot
from barograph.deploy.bundle import write_bundle
from barograph.deploy.manifest import LevelManifest
from barograph.engines.forecasting.levels.answer import load
from barograph.engines.forecasting.levels.export import export_levels
from barograph.engines.forecasting.levels.fit import (
    COMBINATION,
    LINEAR_COMBINATION,
    LevelRun,
    level_walk_forward,
)
from barograph.engines.forecasting.levels.plan import planned_folds
from barograph.evaluate.levels import judge_levels, level_comparisons, level_scores
from barograph.evaluate.report import render
from barograph.evaluate.report.levels.content import NewestForecast
from barograph.evaluate.report.levels.gather import level_content
from barograph.evaluate.report.study_content import Findings
from barograph.models.baselines.levels import LINEAR, level_baseline
from barograph.pipeline.executors import executor_for
from barograph.pipeline.memory import watched
from barograph.pipeline.networks import check_networks, study_facts
from barograph.pipeline.outcome import (
    BUNDLE,
    DATA,
    Context,
    Outcome,
    check_named,
    close,
    identity_of,
    passport,
    plain_row,
    write_papers,
)
from barograph.pipeline.workspace import DiskMemory, Workspace, open_workspace
from barograph.prepare.levels import build_levels


@dataclass(frozen=True, slots=True, eq=False)
class LevelOutcome(Outcome):
    """A finished run of a level study."""

    snapshot: LevelSnapshot
    record: LevelRecord
    newest: pl.DataFrame


def check_levels(study: LevelStudy) -> None:
    """Refuse unknown networks, settings, baselines and champions before anything is read or written."""
    check_networks(study)
    for key in study.model.baselines:
        level_baseline(key)
    if "experience" in study.model.baselines and not study.prepare.anchor:
        raise SettingError(
            "baseline 'experience' needs prepare.anchor to name a column that estimates the target",
            came="it names none",
            do="Name a column of collect.estimates, or leave the baseline out",
        )
    combinations = (COMBINATION,) if study.model.networks else ()
    known = (*combinations, *study.model.networks, LINEAR, LINEAR_COMBINATION, *study.model.baselines)
    check_named(study, known)


def run_levels(
    study: LevelStudy,
    snapshot: LevelSnapshot,
    target: Path,
    *,
    resume: bool,
    lang: str,
    progress: Progress,
) -> LevelOutcome:
    """Run a level study on a snapshot into a folder.

    Parameters
    ----------
    study : LevelStudy
    snapshot : LevelSnapshot
        The series as its source gave it.
    target : Path
        Folder of the finished run; until then everything lies in ``target.part``.
    resume : bool
        Go on with an unfinished run of the same settings and data.
    lang : str
        Language of sentences and report.
    progress : Progress
    """
    began = time.perf_counter()
    samples = build_levels(snapshot.series, study.prepare)
    planned_folds(samples, study)  # refuses before anything is written
    one = 1  # one small stack per network: a pool would only cost
    identity = identity_of(study, snapshot.provenance)
    with open_workspace(target, identity, resume=resume) as space, watched() as memory:
        with executor_for(one, memory, engine=study.train.engine) as executor:
            disk = DiskMemory(space, executor)
            run = level_walk_forward(samples, study, memory=disk, progress=progress, checkpoints=space.cache)
        progress.stage("evaluate", 0)
        scores, comparisons = level_scores(run.record, study, lang=lang), level_comparisons(run.record, study)
        claims, verdict = judge_levels(run.record, study, lang=lang)
        found = Findings(scores, comparisons, claims, verdict)
        progress.stage("deploy", 0)
        newest = _deploy(run, study, snapshot, found, space)
        progress.stage("report", 0)
        context = Context(study, snapshot.provenance, space, lang, began, memory)
        outcome = _finish(context, snapshot, run, found, newest)
    progress.close()
    return outcome


def _deploy(
    run: LevelRun, study: LevelStudy, snapshot: LevelSnapshot, found: Findings, space: Workspace
) -> pl.DataFrame:
    """Write the bundle, load it as a stranger would, and ask it for the newest forecasts."""
    champion, series = found.verdict.champion, snapshot.series
    exported = export_levels(run, study, champion, snapshot)
    request = exported.request
    named = (request.time, request.target, request.size, *request.estimates, *request.exogenous)
    manifest = LevelManifest(
        **passport(study, snapshot.provenance, found.verdict),
        combine=exported.combine,
        columns=tuple(name for name in named if name),
        request=request.model_dump(mode="json"),
        horizons=study.prepare.horizons,
        months=series.months,
        target=snapshot.target,
        fitted_until=str(run.record.samples.time[-1]),
    )
    write_bundle(space.path(BUNDLE), manifest, exported.files)
    return load(space.path(BUNDLE)).forecast()


def _finish(
    context: Context[LevelStudy],
    snapshot: LevelSnapshot,
    run: LevelRun,
    found: Findings,
    newest: pl.DataFrame,
) -> LevelOutcome:
    """Report, settings, data and result; then the move into place."""
    study, space = context.study, context.space
    content = level_content(
        run.record,
        study,
        snapshot,
        found,
        newest=[_newest(row) for row in newest.iter_rows(named=True)],
        facts=study_facts(context, run.networks, folds=len(run.folds)),
    )
    write_papers(context, render(content, lang=context.lang, policy=study.deploy.policy))
    save_level(snapshot, space.path(DATA))
    outcome = LevelOutcome(
        **context.ending(
            verdict=found.verdict, claims=found.claims, scores=found.scores, comparisons=found.comparisons
        ),
        snapshot=snapshot,
        record=run.record,
        newest=newest,
        stages=run.seconds,
        told={"forecasts": [plain_row(row) for row in newest.iter_rows(named=True)]},
    )
    close(space, outcome)
    return outcome


def _newest(row: dict[str, Any]) -> NewestForecast:
    return NewestForecast(
        str(row["period"]), row["horizon"], row["mean"], row["q_0.5"], row["q_0.1"], row["q_0.9"]
    )
