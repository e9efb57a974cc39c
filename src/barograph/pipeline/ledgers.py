"""A ledger study through the six steps: collect, prepare, model, train, evaluate, deploy."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from barograph.collect.ledgers.snapshot import ledger_words, save_ledger
from barograph.core.contracts import Progress
from barograph.core.errors import SettingError, unknown
from barograph.core.ledger_study import LedgerStudy
from barograph.core.ledger_table import AnnualLosses, LedgerRecord, LedgerSnapshot
from barograph.deploy.bundle import write_bundle
from barograph.deploy.manifest import LedgerManifest
from barograph.engines.forecasting.ledgers.answer import load
from barograph.engines.forecasting.ledgers.conventional import COUNT_START
from barograph.engines.forecasting.ledgers.export import export_ledger
from barograph.engines.forecasting.ledgers.fit import LedgerRun, ledger_walk_forward
from barograph.engines.forecasting.ledgers.plan import planned_years
from barograph.engines.forecasting.ledgers.yearly import standardised_of, yearly_losses
from barograph.evaluate.ledgers import judge_ledgers, ledger_comparisons, ledger_scores
from barograph.evaluate.ledgers.claims import CONVENTION, champion_of
from barograph.evaluate.report import render
from barograph.evaluate.report.ledgers.content import CapitalFigures, ComingRow
from barograph.evaluate.report.ledgers.gather import Refitted, ledger_content
from barograph.evaluate.report.study_content import Findings
from barograph.models.baselines.ledgers import LINEAR, SEVERITY_BASELINES, ledger_baseline
from barograph.pipeline.executors import executor_for
from barograph.pipeline.memory import watched
from barograph.pipeline.networks import check_networks, study_facts
from barograph.pipeline.outcome import (
    BUNDLE,
    DATA,
    Context,
    Outcome,
    close,
    identity_of,
    passport,
    plain_row,
    write_papers,
)
from barograph.pipeline.workspace import DiskMemory, Workspace, open_workspace
from barograph.prepare.ledgers import build_ledgers


@dataclass(frozen=True, slots=True, eq=False)
class LedgerOutcome(Outcome):
    """A finished run of a ledger study."""

    snapshot: LedgerSnapshot
    record: LedgerRecord
    annual: tuple[AnnualLosses, ...]
    newest: pl.DataFrame


def check_ledgers(study: LedgerStudy) -> None:
    """Refuse unknown networks, settings, baselines and champions before anything is read or written."""
    check_networks(study)
    if not study.model.networks:
        raise SettingError(
            "model.networks must name at least one network",
            came="it is empty",
            do="Name one, such as mlp: convention alone would have nothing to be compared with",
        )
    for key in study.model.baselines:
        ledger_baseline(key)
    for key in CONVENTION.values():
        if key not in study.model.baselines:
            raise SettingError(
                f"model.baselines must name {key}, which the verdict is held against",
                came="it does not",
                do="Add it",
            )
    both = ("network", *study.model.networks, LINEAR)
    if study.deploy.candidate not in both:
        raise unknown("deploy.candidate", study.deploy.candidate, both)
    known = (*both, *study.model.baselines)
    for name in () if study.deploy.champion == "auto" else study.deploy.champion.split("+"):
        if name not in known:
            raise unknown("deploy.champion", name, ("auto", *known))


def run_ledgers(
    study: LedgerStudy,
    snapshot: LedgerSnapshot,
    target: Path,
    *,
    resume: bool,
    lang: str,
    progress: Progress,
) -> LedgerOutcome:
    """Run a ledger study on a snapshot into a folder.

    Parameters
    ----------
    study : LedgerStudy
    snapshot : LedgerSnapshot
    target : Path
        Folder of the finished run; until then everything lies in ``target.part``.
    resume : bool
        Go on with an unfinished run of the same settings and data.
    lang : str
    progress : Progress
    """
    began = time.perf_counter()
    samples = build_ledgers(snapshot.ledger, study.prepare)
    planned_years(samples, study)  # refuses before anything is written
    identity = identity_of(study, snapshot.provenance)
    with open_workspace(target, identity, resume=resume) as space, watched() as memory:
        with executor_for(study.train.workers, memory, engine=study.train.engine) as executor:
            disk = DiskMemory(space, executor)
            run = ledger_walk_forward(samples, study, memory=disk, progress=progress, checkpoints=space.cache)
        progress.stage("evaluate", 0)
        found = _judged(run, study, lang)
        annual = yearly_losses(run, study, champion_of(run.record, found.verdict.champion))
        progress.stage("deploy", 0)
        newest = _deploy(run, study, snapshot, found, annual, space)
        progress.stage("report", 0)
        context = Context(study, snapshot.provenance, space, lang, began, memory)
        outcome = _finish(context, snapshot, run, found, annual, newest)
    progress.close()
    return outcome


def _judged(run: LedgerRun, study: LedgerStudy, lang: str) -> Findings:
    scores, comparisons = ledger_scores(run.record, lang=lang), ledger_comparisons(run.record, study)
    claims, verdict = judge_ledgers(run.record, study, lang=lang)
    return Findings(scores, comparisons, claims, verdict)


def _deploy(
    run: LedgerRun,
    study: LedgerStudy,
    snapshot: LedgerSnapshot,
    found: Findings,
    annual: Sequence[AnnualLosses],
    space: Workspace,
) -> pl.DataFrame:
    """Write the bundle, load it as a stranger would, and ask it for the newest forecasts."""
    pair = champion_of(run.record, found.verdict.champion)
    exported = export_ledger(run, study, pair, annual)
    request = exported.request
    manifest = LedgerManifest(
        **passport(study, snapshot.provenance, found.verdict),
        combine=exported.combine,
        columns=tuple(name for name in (request.time, request.target, request.loss_id) if name),
        request=request.model_dump(mode="json"),
        ledger=ledger_words(snapshot.ledger),
        levels=study.deploy.levels,
        fitted_until=str(snapshot.ledger.until),
    )
    write_bundle(space.path(BUNDLE), manifest, exported.files)
    return load(space.path(BUNDLE)).forecast()


def _finish(
    context: Context[LedgerStudy],
    snapshot: LedgerSnapshot,
    run: LedgerRun,
    found: Findings,
    annual: tuple[AnnualLosses, ...],
    newest: pl.DataFrame,
) -> LedgerOutcome:
    """Report, settings, data and result; then the move into place."""
    study, space = context.study, context.space
    content = ledger_content(
        run.record,
        study,
        snapshot,
        found,
        _refitted(run, study, annual),
        coming=[_coming(row) for row in newest.iter_rows()],
        facts=study_facts(context, run.networks, folds=len(run.folds)),
    )
    write_papers(context, render(content, lang=context.lang, policy=study.deploy.policy))
    save_ledger(snapshot, space.path(DATA))
    outcome = LedgerOutcome(
        **context.ending(
            verdict=found.verdict, claims=found.claims, scores=found.scores, comparisons=found.comparisons
        ),
        snapshot=snapshot,
        record=run.record,
        annual=annual,
        newest=newest,
        stages=run.seconds,
        told={
            "coming": [plain_row(row) for row in newest.iter_rows(named=True)],
            "annual_loss": [_finite(asdict(one)) for one in annual],
            "anomalous_weeks": [asdict(week) for week in run.anomalies],
        },
    )
    close(space, outcome)
    return outcome


def _refitted(run: LedgerRun, study: LedgerStudy, annual: tuple[AnnualLosses, ...]) -> Refitted:
    last = run.fits[-1]
    capital = standardised_of(run.record.samples.ledger, study)
    return Refitted(
        counts=last.counts[COUNT_START],
        severities={key: last.severities[key] for key in SEVERITY_BASELINES if key in last.severities},
        frequency=run.frequency,
        threshold=last.threshold,
        annual=annual,
        capital=None if capital is None else CapitalFigures(**asdict(capital)),
        anomalies=run.anomalies,
    )


def _finite(plain: dict[str, object]) -> dict[str, object]:
    """A mean or an end that does not exist as None: JSON knows no infinity."""
    mean = plain["mean"]
    return plain | {"mean": None if mean == float("inf") else mean}


def _coming(row: tuple[object, ...]) -> ComingRow:
    what, since, until, mean, *quantiles = row
    return ComingRow(
        str(what), str(since), str(until), float(str(mean)), tuple(float(str(value)) for value in quantiles)
    )
