"""A small simulated network of accounts and a study of it that runs in seconds, for tests of live scoring."""

from __future__ import annotations

import atexit
import dataclasses
import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

from barograph.collect.events.account_world import AccountWorld
from barograph.collect.events.accounts import simulate_accounts
from barograph.core.event_table import Events, EventSnapshot
from barograph.core.record_table import Records, RecordSnapshot
from barograph.core.scoring_study import ScoringStudy
from barograph.deploy.bundle import write_bundle
from barograph.deploy.manifest import ScoringManifest
from barograph.engines.scoring.combining import fold_answers
from barograph.engines.scoring.event_records import event_records
from barograph.engines.scoring.export import export
from barograph.engines.scoring.figures import Assumptions
from barograph.engines.scoring.fit import REFIT, Refit
from barograph.engines.scoring.live_events import LiveEvent
from barograph.engines.scoring.parts import schema_plain
from barograph.engines.scoring.plan import bench
from barograph.engines.scoring.tasks import fit_fold
from barograph.evaluate.records.plan import refit_fold
from barograph.pipeline import settings
from barograph.prepare.events.screen import known_labels
from barograph.prepare.events.stream import live_events
from barograph.risks.operational import fraud
from small_study import NoMemory

torch.set_num_threads(1)

WORLD = AccountWorld(accounts=220, days=49, laundering=0.08, label_delay_days=7.0)
"""About 6,000 transfers, one in twelve part of a scheme."""
LAST = 14
"""Days at the end that no study sees: they arrive live."""

TINY: dict[str, Any] = {
    "prepare.bins": 4,
    "prepare.events": {"windows": (7 * 86_400,), "risk_windows": (7 * 86_400,), "steps": 4, "graph": True},
    "model.networks": ("tabm", "cnn"),
    "model.settings": {"tabm": {"k": 2, "hidden": (8,)}, "cnn": {"channels": 4, "hidden": (8,)}},
    "model.unsupervised": (),
    "train.seeds": 2,
    "train.trials": 1,
    "train.max_steps": 20,
    "train.check_every": 10,
    "train.batch": 256,
    "train.workers": 1,
    "evaluate.origins": (20240129,),
    "evaluate.train_blocks": 3,
    "evaluate.development": (20240129,),
    "evaluate.bootstrap": 100,
    "deploy.grades": 4,
    "deploy.reference_records": 8,
    "deploy.champion": "combination",
}
"""What makes the shipped recipe small."""


def small_fraud(**changes: Any) -> ScoringStudy:
    """The shipped recipe on a small scale; changes as dotted keys with `__` for the dot."""
    dotted = {key.replace("__", "."): value for key, value in changes.items()}
    made = settings.with_overrides(fraud.RECIPE.study, {**TINY, **dotted})
    assert isinstance(made, ScoringStudy)
    return made


@functools.cache
def world() -> EventSnapshot:
    """The transfers with two further columns: a number with gaps, and a text of which new words come last."""
    made = simulate_accounts(WORLD)
    random, n = np.random.default_rng(5), made.events.n
    age = np.where(random.random(n) < 0.1, np.nan, np.round(random.gamma(2.0, 30.0, n), 1))
    device = random.choice(["web", "app", "desk", "odd"], n, p=[0.5, 0.4, 0.098, 0.002]).astype(object)
    device[-200::7] = "new"
    columns = pl.DataFrame(
        {"age": pl.Series(age).fill_nan(None), "device": pl.Series(device, dtype=pl.String)}
    )
    return dataclasses.replace(made, events=dataclasses.replace(made.events, columns=columns))


def past_and_rest(days: int = LAST) -> tuple[EventSnapshot, Events]:
    """The events that a study sees, and those of the last days, which arrive live."""
    snapshot = world()
    day = snapshot.events.time.astype("datetime64[D]")
    is_last = day > day.max() - days
    past, rest = (snapshot.events.take(np.flatnonzero(rows)) for rows in (~is_last, is_last))
    return dataclasses.replace(snapshot, events=past), rest


def as_live(events: Events) -> list[LiveEvent]:
    """Rows of a table as they arrive."""
    columns = events.columns.to_dicts() if events.columns.width else [{} for _ in range(events.n)]
    return [LiveEvent(*one, columns=more) for one, more in zip(live_events(events), columns, strict=True)]


def labels_by_time(events: Events) -> list[tuple[int, str, float]]:
    """When each label becomes known (microseconds), of which event, and the label, in order of that."""
    label, known_at = known_labels(events)
    told = zip(known_at.tolist(), events.event_id.tolist(), label.tolist(), strict=True)
    return sorted((when, str(name), one) for when, name, one in told if np.isfinite(one))


@functools.cache
def bundle() -> Path:
    """The bundle of the small study, made once per process; its folder goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="barograph-events-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    study = small_fraud()
    records = event_records(past_and_rest()[0], study)
    return bundled(refitted(records.records, study), study, "combination", records, folder / "bundle")


def refitted(records: Records, study: ScoringStudy) -> Refit:
    """Every candidate fitted on all that is known, without search, scored folds or leak alarm."""
    ready = bench(records, dataclasses.replace(refit_fold(records, study), number=REFIT), study)
    models = (*study.model.networks, *study.model.baselines)
    own = {key: dict(study.model.settings.get(key, {})) for key in models}
    fitted = fit_fold(ready, study, own, memory=NoMemory(), checkpoints=None)
    return Refit(ready, fitted, fold_answers(ready, fitted, study))


def bundled(refit: Refit, study: ScoringStudy, champion: str, snapshot: RecordSnapshot, folder: Path) -> Path:
    """The bundle of any candidate."""
    exported = export(
        refit,
        snapshot.records,
        study,
        champion,
        history=None,
        schema=snapshot.schema,
        events=snapshot.events,
    )
    manifest = ScoringManifest(
        study=study.name,
        question=study.question,
        champion=champion,
        combine=exported.combine,
        created="2026-11-22T00:00:00+00:00",
        barograph="0",
        versions={},
        columns=(*snapshot.schema.numeric, *snapshot.schema.categorical),
        request=schema_plain(snapshot.schema),
        fitted_until=str(refit.bench.fold.cut),
        data=dataclasses.asdict(snapshot.provenance),
        seeds=tuple(range(study.train.seeds)),
        prepare=study.prepare.model_dump(mode="json"),
        verdict="",
        label=study.question,
        assumptions=dataclasses.asdict(Assumptions.of(study.deploy, months=study.collect.outcome_months)),
        threshold=0.1,
        parts=len(refit.bench.fold.parts),
    )
    return write_bundle(folder, manifest, exported.files).folder
