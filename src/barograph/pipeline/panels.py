"""A study of a panel of levels through the six steps: collect, prepare, model, train, evaluate, deploy."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from barograph.collect.panels.snapshot import save_panel
from barograph.collect.raw import RawTable
from barograph.core.contracts import Progress
from barograph.core.forecast import LEVELS
from barograph.core.panel_study import PanelStudy
from barograph.core.panel_table import PanelRecord, PanelSnapshot
from barograph.core.results import Comparison, SeparateTest
from barograph.deploy.bundle import write_bundle
from barograph.deploy.manifest import PanelManifest
from barograph.engines.forecasting.panels.answer import PanelPredictor, load
from barograph.engines.forecasting.panels.conventional import usable_baselines
from barograph.engines.forecasting.panels.export import export_panel, facts_of
from barograph.engines.forecasting.panels.fit import (
    COMBINATION,
    LINEAR_COMBINATION,
    PanelRun,
    check_start,
    panel_walk_forward,
)
from barograph.engines.forecasting.panels.plan import planned_folds
from barograph.evaluate.panels import blocks, judge_panel, panel_scores, pooled_duel
from barograph.evaluate.report import render
from barograph.evaluate.report.panels.gather import panel_content
from barograph.evaluate.report.study_content import Findings
from barograph.models.baselines.panels import LINEAR, panel_baseline
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
from barograph.pipeline.separate import tested_panel, told_of
from barograph.pipeline.workspace import DiskMemory, Workspace, open_workspace
from barograph.prepare.panels import build_panel

METRICS = ("squared_error", "crps")
"""Losses of the comparisons over all series."""


@dataclass(frozen=True, slots=True, eq=False)
class PanelOutcome(Outcome):
    """A finished run of a study of a panel."""

    snapshot: PanelSnapshot
    record: PanelRecord
    newest: pl.DataFrame


def check_panels(study: PanelStudy) -> None:
    """Refuse unknown networks, settings, baselines and champions before anything is read or written."""
    check_networks(study)
    for key in (*study.model.baselines, study.model.start):
        panel_baseline(key)
    combinations = (COMBINATION,) if study.model.networks else ()
    known = (*combinations, *study.model.networks, LINEAR, LINEAR_COMBINATION, *study.model.baselines)
    check_named(study, (*known, "random_walk"))


def run_panels(
    study: PanelStudy,
    snapshot: PanelSnapshot,
    target: Path,
    *,
    resume: bool,
    lang: str,
    progress: Progress,
    test: RawTable | None = None,
) -> PanelOutcome:
    """Run a study of a panel on a snapshot into a folder.

    Parameters
    ----------
    study : PanelStudy
    snapshot : PanelSnapshot
        The panel as its source gave it.
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
    samples = build_panel(snapshot.panel, study.prepare)
    check_start(study, ("random_walk", *usable_baselines(samples, study.model.baselines)[0]))
    planned_folds(samples, study)  # refuses before anything is written
    workers = study.train.workers if study.model.networks else 1
    identity = identity_of(study, snapshot.provenance)
    with open_workspace(target, identity, resume=resume) as space, watched() as memory:
        with executor_for(workers, memory, engine=study.train.engine) as executor:
            disk = DiskMemory(space, executor)
            run = panel_walk_forward(samples, study, memory=disk, progress=progress, checkpoints=space.cache)
        progress.stage("evaluate", 0)
        claims, verdict = judge_panel(run.record, study, lang=lang)
        scores, comparisons = panel_scores(run.record, study, lang=lang), _comparisons(run.record, study)
        found = Findings(scores, comparisons, claims, verdict)
        progress.stage("deploy", 0)
        predictor = _deploy(run, study, snapshot, found, space)
        separate = None if test is None else tested_panel(test, predictor, study, space)
        progress.stage("report", 0)
        context = Context(study, snapshot.provenance, space, lang, began, memory)
        outcome = _finish(context, snapshot, run, found, predictor.forecast(), separate)
    progress.close()
    return outcome


def _comparisons(record: PanelRecord, study: PanelStudy) -> list[Comparison]:
    """Every candidate against the opponent over all series, per horizon, block and loss."""
    opponent = study.evaluate.opponent
    return [
        pooled_duel(record, model, opponent, metric, place, block=block, rows=rows)
        for block, rows in blocks(record, study).items()
        for metric in METRICS
        for place in range(len(record.samples.horizons))
        for model in record.candidates
        if model != opponent
    ]


def _deploy(
    run: PanelRun, study: PanelStudy, snapshot: PanelSnapshot, found: Findings, space: Workspace
) -> PanelPredictor:
    """Write the bundle and load it as a stranger would."""
    champion, panel = found.verdict.champion, snapshot.panel
    exported = export_panel(run, study, champion, snapshot)
    manifest = PanelManifest(
        **passport(study, snapshot.provenance, found.verdict),
        combine=exported.combine,
        columns=(snapshot.request.time or "time", *panel.names),
        request=snapshot.request.model_dump(mode="json"),
        series=facts_of(snapshot),
        frequency=panel.frequency,
        horizons=run.record.samples.horizons,
        levels=LEVELS,
        fitted_until=str(run.record.samples.time[-1]),
    )
    write_bundle(space.path(BUNDLE), manifest, exported.files)
    return load(space.path(BUNDLE))


def _finish(
    context: Context[PanelStudy],
    snapshot: PanelSnapshot,
    run: PanelRun,
    found: Findings,
    newest: pl.DataFrame,
    separate: SeparateTest | None,
) -> PanelOutcome:
    """Report, settings, data and result; then the move into place."""
    study, space = context.study, context.space
    content = panel_content(
        run.record,
        study,
        snapshot,
        found,
        newest=newest,
        unfit=run.unfit,
        factors=run.factors,
        facts=study_facts(context, run.networks, folds=len(run.plan.folds)),
    )
    write_papers(context, render(content, lang=context.lang, policy=study.deploy.policy, separate=separate))
    save_panel(snapshot, space.path(DATA))
    outcome = PanelOutcome(
        **context.ending(
            verdict=found.verdict, claims=found.claims, scores=found.scores, comparisons=found.comparisons
        ),
        snapshot=snapshot,
        record=run.record,
        newest=newest,
        stages=run.seconds,
        told={"newest": [plain_row(row) for row in newest.iter_rows(named=True)]} | told_of(separate),
    )
    close(space, outcome)
    return outcome
