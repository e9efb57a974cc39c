"""A small made book of loans and a study of it that runs in seconds, for the tests of whole scoring runs."""

from __future__ import annotations

import atexit
import dataclasses
import datetime
import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

from barograph.api.study import Run, Silent, run
from barograph.collect.records.catalogue import records_from_frame
from barograph.core.contracts import Memory
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import RecordsSection, ScoringStudy
from barograph.deploy.bundle import write_bundle
from barograph.deploy.manifest import ScoringManifest
from barograph.engines.scoring.export import export
from barograph.engines.scoring.figures import Assumptions
from barograph.engines.scoring.fit import ScoringRun, score_records
from barograph.engines.scoring.parts import schema_plain
from barograph.pipeline import settings
from barograph.pipeline.scoring import history_of
from barograph.prepare.history import with_history
from small_study import NoMemory

torch.set_num_threads(1)

YEARS = range(2010, 2017)
PER_YEAR = 300
MONTHS = 12
"""Months until a label is known, whatever it is."""
STEPS = ("late_4", "late_3", "late_2", "late_1")
"""Columns of the record's own history, oldest first."""
REGIONS, PURPOSES = ("north", "south", "east"), ("car", "house", "shop", "trip")

COLUMNS: dict[str, Any] = {
    "collect.source": "frame",
    "collect.target": "bad",
    "collect.time": "made",
    "collect.entity": "customer",
    "collect.record_id": "loan",
    "collect.amount": "amount",
    "collect.known_after": MONTHS,
    "collect.protected": ("sex",),
    "collect.share": 1.0,
}
"""Which column of the book plays which part."""

TINY: dict[str, Any] = {
    "collect.deny": {"recovered": "it is known only after default"},
    "collect.outcome_months": MONTHS,
    "prepare.bins": 4,
    "prepare.history_by": (),
    "model.networks": ("mlp", "tabm"),
    "model.settings": {"mlp": {"hidden": (8,)}, "tabm": {"k": 2, "hidden": (8,)}},
    "model.hazard": "",
    "train.seeds": 1,
    "train.trials": 1,
    "train.max_steps": 30,
    "train.check_every": 10,
    "train.batch": 128,
    "train.learning_rate": 0.01,
    "train.workers": 1,
    "evaluate.protocols": ("origin",),
    "evaluate.train_since": 0,
    "evaluate.origins": (2014, 2015),
    "evaluate.retrospective": (),
    "evaluate.development": (2014,),
    "evaluate.leak_alone": 0.9,
    "evaluate.leak_removal": 0.3,
    "evaluate.bootstrap": 100,
    "evaluate.claims": (
        {
            "key": "floor",
            "rung": "floor",
            "kind": "not_worse",
            "model": "combination",
            "opponent": "scorecard",
        },
        {
            "key": "target",
            "rung": "target",
            "kind": "better",
            "model": "combination",
            "opponent": "scorecard",
        },
    ),
    "deploy.grades": 4,
    "deploy.reference_records": 8,
    "deploy.champion": "combination",  # whatever thirty steps amount to, the bundle holds every kind of part
}
"""What makes the shipped recipe small."""


def small_scoring(**changes: Any) -> ScoringStudy:
    """The shipped recipe on a small scale; changes as dotted keys with `__` for the dot."""
    dotted = {key.replace("__", "."): value for key, value in changes.items()}
    plan = settings.load("credit/default", budget="quick")
    made = settings.with_overrides(plan, {**COLUMNS, **TINY, **dotted})
    assert isinstance(made, ScoringStudy)
    return made


def book(
    per_year: int = PER_YEAR, *, seed: int = 1, plain: float = 1.0, plant: float = 1.5, late: float = 0.8
) -> pl.DataFrame:
    """The made book as a table, one row per loan, in order of time.

    Log-odds of bad: `plain` times income and region, which any model sees; `plant` where exactly one of debt
    and tenure is high, less `plant` otherwise, which no linear model of single columns sees; `late` times
    the newest two months of arrears. All zero leaves pure noise.
    """
    random = np.random.default_rng(seed)
    n = per_year * len(YEARS)
    year = np.repeat(np.array(YEARS), per_year)
    day = np.sort(random.integers(0, 365, size=(len(YEARS), per_year)), axis=1).ravel()
    income = random.lognormal(1.0, 0.5, n)
    debt, tenure = random.uniform(0.0, 100.0, n), random.uniform(0.0, 40.0, n)
    region, purpose = random.choice(REGIONS, n), random.choice(PURPOSES, n)
    steps = random.poisson(0.6, size=(n, len(STEPS))).astype(float)
    apart = np.where((debt > 50) != (tenure > 20), 1.0, -1.0)
    logit = -0.9 - plain * (1.2 * np.log(income / 2.7) + 0.5 * (region == "north")) + plant * apart
    logit = logit + late * (steps[:, -2:].sum(axis=1) - 1.2)
    bad = random.random(n) < 1.0 / (1.0 + np.exp(-logit))
    table = pl.DataFrame(
        {
            "loan": [f"L{i:05d}" for i in range(n)],
            "customer": [f"C{i:05d}" for i in random.integers(0, n * 4 // 5, n)],
            "made": (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + day,
            "amount": np.round(random.lognormal(9.0, 0.6, n), 2),
            "income": np.round(income, 3),
            "debt": np.round(debt, 2),
            "tenure": np.round(tenure, 2),
            "region": region,
            "purpose": purpose,
            "sex": random.choice(["f", "m"], n),
            **{name: steps[:, i] for i, name in enumerate(STEPS)},
            "bad": bad.astype(np.int64),
        }
    )
    gaps = {"income": random.random(n) < 0.08, "region": random.random(n) < 0.05}
    return table.with_columns(
        pl.when(pl.Series(gap)).then(None).otherwise(pl.col(name)).alias(name) for name, gap in gaps.items()
    )


def losses(per_year: int = PER_YEAR, *, seed: int = 1) -> pl.DataFrame:
    """The book with a loss given default in the place of `bad`: one in ten is total."""
    random = np.random.default_rng(100 + seed)
    table = book(per_year, seed=seed)
    mean = 1.0 / (1.0 + np.exp(-(table["debt"].to_numpy() - 50.0) / 25.0))
    share = random.beta(4.0 * mean + 0.2, 4.0 * (1.0 - mean) + 0.2)
    total = random.random(table.height) < 0.1
    return table.with_columns(lost=pl.Series(np.where(total, 1.0, np.clip(share, 0.001, 0.999)))).drop("bad")


def snapshot_of(table: pl.DataFrame, study: ScoringStudy, *, dated: bool = True) -> RecordSnapshot:
    """The records of a table; with `dated` every default has a day within its year, as packaged loans do."""
    section: RecordsSection = study.collect
    loss = study.model.head == "hurdle_beta"
    snapshot = records_from_frame(table, section, loss=loss, today=datetime.date(2026, 11, 22))
    if not dated or loss:
        return snapshot
    records = snapshot.records
    after = np.random.default_rng(3).integers(1, 360, records.n)
    event = np.where(records.label == 1, records.time + after, np.datetime64("NaT", "D"))
    dated_records = dataclasses.replace(records, event_time=event.astype("datetime64[D]"))
    return dataclasses.replace(snapshot, records=dated_records)


def scored(snapshot: RecordSnapshot, study: ScoringStudy) -> ScoringRun:
    """Every candidate of a study fitted and scored, without evaluation, report or bundle."""
    memory: Memory = NoMemory()
    records, history = snapshot.records, history_of(snapshot.records, study)
    if history is not None:
        records = with_history(records, history, summaries=study.prepare.summaries)
    return score_records(records, study, memory=memory, progress=Silent(), checkpoints=None)


@functools.cache
def finished() -> Run:
    """A finished run of the small study, made once per process; its folder goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="barograph-scoring-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return run(small_scoring(), data=book(), out=folder / "run")


def bundled(
    made: ScoringRun, study: ScoringStudy, champion: str, snapshot: RecordSnapshot, folder: Path
) -> Path:
    """The bundle of any candidate of a run."""
    history = history_of(snapshot.records, study)
    exported = export(made.refit, snapshot.records, study, champion, history=history, schema=snapshot.schema)
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
        fitted_until=str(made.refit.bench.fold.cut),
        data=dataclasses.asdict(snapshot.provenance),
        seeds=tuple(range(study.train.seeds)),
        prepare=study.prepare.model_dump(mode="json"),
        verdict="",
        label=study.question,
        assumptions=dataclasses.asdict(Assumptions.of(study.deploy, months=study.collect.outcome_months)),
        threshold=0.3,
        parts=len(made.refit.bench.fold.parts),
    )
    return write_bundle(folder, manifest, exported.files).folder
