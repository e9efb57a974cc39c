"""A forecasting study through the six steps: collect, prepare, model, train, evaluate, deploy."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect import snapshot as snapshots
from barograph.core.contracts import Progress
from barograph.core.forecast import ALPHAS, LEVELS, OutOfSample
from barograph.core.records import PRICE_COLUMNS, Samples, Snapshot
from barograph.core.results import BackTest, ClaimResult, Comparison, Score, Verdict
from barograph.core.study import Study
from barograph.deploy.bundle import write_bundle
from barograph.deploy.manifest import Manifest
from barograph.engines.forecasting.answer import load
from barograph.engines.forecasting.export import export
from barograph.engines.forecasting.fit import WalkForward, walk_forward
from barograph.engines.forecasting.rows import planned_rows
from barograph.evaluate import apart
from barograph.evaluate.backtests import back_tests, horizon_back_tests
from barograph.evaluate.claims import judge
from barograph.evaluate.comparing import comparisons, nested_comparisons
from barograph.evaluate.report import content_from, render
from barograph.evaluate.scoring import scores
from barograph.models.baselines.catalogue import baseline_entry
from barograph.models.catalogue import configured
from barograph.pipeline.executors import executor_for
from barograph.pipeline.facts import run_facts
from barograph.pipeline.memory import watched
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
from barograph.prepare.samples import build


@dataclass(frozen=True, slots=True, eq=False)
class ForecastOutcome(Outcome):
    """A finished forecasting run."""

    snapshot: Snapshot
    out: OutOfSample
    back_tests: tuple[BackTest, ...]
    next_day: pl.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    out: OutOfSample
    scores: list[Score]
    comparisons: list[Comparison]
    back_tests: list[BackTest]
    claims: list[ClaimResult]
    verdict: Verdict


def check_models(study: Study) -> None:
    """Refuse unknown networks, settings, baselines and champions before anything is read or written."""
    for key in study.model.networks:
        configured(key, study.model.settings.get(key, {}))
    for key in study.model.settings:
        configured(key, study.model.settings[key])
    for key in study.model.baselines:
        baseline_entry(key)
    combinations = ("combination",) if study.model.networks else ()
    known = (*combinations, "linear", "linear_combination", *study.model.networks, *study.model.baselines)
    check_named(study, known)


def run_forecasting(
    study: Study, snapshot: Snapshot, target: Path, *, resume: bool, lang: str, progress: Progress
) -> ForecastOutcome:
    """Run a forecasting study on a snapshot into a folder.

    Parameters
    ----------
    study : Study
    snapshot : Snapshot
        Checked data.
    target : Path
        Folder of the finished run; until then everything lies in ``target.part``.
    resume : bool
        Go on with an unfinished run of the same settings and data.
    lang : str
        Language of sentences and report.
    progress : Progress
    """
    began = time.perf_counter()
    samples = build(snapshot.panel, study.prepare)
    check_planned(samples, study)  # refuses before anything is written
    identity = identity_of(study, snapshot.provenance)
    with open_workspace(target, identity, resume=resume) as space, watched() as memory:
        with executor_for(study.train.workers, memory, engine=study.train.engine) as executor:
            run = walk_forward(
                samples,
                study,
                memory=DiskMemory(space, executor),
                progress=progress,
                checkpoints=space.cache,
            )
        progress.stage("evaluate", 4)
        judged = _judge(apart.judged(run.out), study, lang, progress)
        progress.stage("deploy", 0)
        next_day = _deploy(run, study, snapshot, judged.verdict, space)
        context = Context(study, snapshot.provenance, space, lang, began, memory)
        outcome = _finish(context, snapshot, run, judged, next_day)
    progress.close()
    return outcome


def check_planned(samples: Samples, study: Study) -> None:
    """Raise `DataError` where the plan cannot be laid out, or leaves nothing that could be judged."""
    folds = planned_rows(samples, study)
    apart.free_places(samples, np.concatenate([fold.test for fold in folds]))


def _judge(out: OutOfSample, study: Study, lang: str, progress: Progress) -> _Judged:
    models = tuple(out.distributions)
    tests = back_tests(out, models=models, simulations=study.evaluate.bootstrap, seed=study.train.seed)
    tests += horizon_back_tests(out, models=models)
    progress.advance()
    cells = scores(out, study, lang=lang)
    progress.advance()
    compared = comparisons(out, study, lang=lang) + nested_comparisons(out, study)
    progress.advance()
    claims, verdict = judge(out, study, tests, lang=lang)
    progress.advance()
    return _Judged(out, cells, compared, tests, claims, verdict)


def _deploy(
    run: WalkForward, study: Study, snapshot: Snapshot, verdict: Verdict, space: Workspace
) -> pl.DataFrame:
    """Write the bundle, load it as a stranger would, and ask it for tomorrow."""
    exported = export(run, study, verdict.champion, snapshot.panel)
    manifest = Manifest(
        **passport(study, snapshot.provenance, verdict),
        combine=exported.combine,
        entities=exported.entities,
        horizons=study.prepare.horizons,
        levels=LEVELS,
        alphas=ALPHAS,
        columns=("entity", "time", *PRICE_COLUMNS),
        fitted_until=exported.fitted_until,
    )
    write_bundle(space.path(BUNDLE), manifest, exported.files)
    return load(space.path(BUNDLE)).forecast()


def _finish(
    context: Context[Study],
    snapshot: Snapshot,
    run: WalkForward,
    judged: _Judged,
    next_day: pl.DataFrame,
) -> ForecastOutcome:
    """Report, settings, data and result; then the move into place."""
    space = context.space
    write_papers(context, _report(context, run, judged, next_day))
    snapshots.save(snapshot, space.path(DATA))
    outcome = ForecastOutcome(
        **context.ending(
            verdict=judged.verdict,
            claims=judged.claims,
            scores=judged.scores,
            comparisons=judged.comparisons,
        ),
        snapshot=snapshot,
        out=run.out,
        back_tests=tuple(judged.back_tests),
        next_day=next_day,
        stages=run.seconds,
        told={"next_day": next_day_rows(next_day)},
    )
    close(space, outcome)
    return outcome


def _report(context: Context[Study], run: WalkForward, judged: _Judged, next_day: pl.DataFrame) -> str:
    study = context.study
    facts = run_facts(
        run,
        study.train,
        champion=judged.verdict.champion,
        next_day=next_day,
        seconds=context.seconds,
        peak=context.memory.total(),
        scored=context.scored(),
    )
    content = content_from(
        judged.out,
        study,
        scores=judged.scores,
        comparisons=judged.comparisons,
        back_tests=judged.back_tests,
        claims=judged.claims,
        verdict=judged.verdict,
        provenance=context.provenance,
        facts=facts,
        every=run.out,
    )
    return render(content, lang=context.lang, policy=study.deploy.policy)


def next_day_rows(forecasts: pl.DataFrame) -> list[dict[str, Any]]:
    """The one-day forecasts as plain records: entity, time, horizon, price, volatility, VaR and ES."""
    kept = [name for name in forecasts.columns if not name.startswith("q_")]
    one_day = forecasts.filter(pl.col("horizon") == pl.col("horizon").min()).select(kept)
    return [plain_row(row) for row in one_day.iter_rows(named=True)]
