"""The last step of a scoring study: the champion's bundle, and what it says once it is loaded."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

import numpy as np

from barograph.collect.records.serving import required
from barograph.core.record_table import RecordSnapshot
from barograph.core.results import Verdict
from barograph.core.scoring_study import ScoringStudy
from barograph.deploy.bundle import write_bundle
from barograph.deploy.manifest import ScoringManifest
from barograph.engines.scoring.answer import Predictor, load
from barograph.engines.scoring.export import Exported, export
from barograph.engines.scoring.figures import Assumptions
from barograph.engines.scoring.fit import ScoringRun
from barograph.engines.scoring.parts import schema_plain
from barograph.evaluate.records.clock import shown
from barograph.evaluate.report.scoring.gather import Practice
from barograph.pipeline.alert_facts import alert_practice
from barograph.pipeline.alert_threshold import alert_threshold
from barograph.pipeline.fall_facts import fall_practice
from barograph.pipeline.outcome import BUNDLE, passport
from barograph.pipeline.scoring_facts import practice_of
from barograph.pipeline.workspace import Workspace
from barograph.prepare.history import History


def deploy_scoring(
    run: ScoringRun,
    snapshot: RecordSnapshot,
    study: ScoringStudy,
    verdict: Verdict,
    history: History | None,
    space: Workspace,
) -> Predictor:
    """Write the bundle and load it as a stranger would."""
    exported = export(
        run.refit,
        snapshot.records,
        study,
        verdict.champion,
        history=history,
        schema=snapshot.schema,
        events=snapshot.events,
        fixings=snapshot.fixings,
    )
    manifest = _manifest(run, snapshot, study, verdict, exported)
    write_bundle(space.path(BUNDLE), manifest, exported.files)
    return load(space.path(BUNDLE))


def _manifest(
    run: ScoringRun, snapshot: RecordSnapshot, study: ScoringStudy, verdict: Verdict, exported: Exported
) -> ScoringManifest:
    fold, label = run.refit.bench.fold, run.refit.bench.views.label
    given = Assumptions.of(study.deploy, months=study.collect.outcome_months)
    known = label[np.isfinite(label)]
    alerted = alert_threshold(run.refit, snapshot.records, study, verdict.champion)
    return ScoringManifest(
        **passport(study, snapshot.provenance, verdict),
        combine=exported.combine,
        columns=required(snapshot.schema),
        request=schema_plain(snapshot.schema),
        fitted_until="" if np.isnat(fold.cut) else shown(fold.cut),
        label=study.question,
        assumptions=asdict(given),
        use=_use(study),
        threshold=study.deploy.approve_below or (float(known.mean()) if alerted is None else alerted),
        parts=len(fold.parts),
    )


def _use(study: ScoringStudy) -> Literal["credit", "alerts", "falls"]:
    if study.prepare.fixings is not None:
        return "falls"
    return "credit" if study.evaluate.alerts is None else "alerts"


def practice_in(
    predictor: Predictor, run: ScoringRun, snapshot: RecordSnapshot, study: ScoringStudy, lang: str
) -> Practice:
    """What the bundle says of loans, of alerts, or of currencies."""
    if snapshot.fixings is not None:
        return fall_practice(predictor)
    if study.evaluate.alerts is not None:
        return alert_practice(predictor, snapshot, lang)
    return practice_of(predictor, run, snapshot, study)
