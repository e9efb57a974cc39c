"""Bundles of small simulated payments, and the payments that arrive after them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from barograph.collect.events.card_world import CardWorld
from barograph.collect.events.cards import simulate_cards
from barograph.core.event_table import EventSnapshot
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
from barograph.pipeline.executors import InProcess
from barograph.pipeline.settings import with_overrides
from barograph.prepare.events.stream import live_events
from barograph.risks.operational import fraud

WORLD = CardWorld(
    cards=500, terminals=1_000, days=60, amount_fraud=0.005, terminal_fraud=0.01, card_fraud=0.01
)
"""More fraud than usual, so that few payments are enough to learn from."""
QUICK = fraud.RECIPE.budgets["quick"]


class _Nowhere:
    """A `core.contracts.Memory` that keeps nothing."""

    def run(self, name: str, work: Any, tasks: Any, *, on_done: Any, **_: Any) -> list[Any]:
        outcomes = []
        for outcome in InProcess().map(work, tasks):
            outcomes.append(outcome)
            on_done()
        return outcomes


def payments(days: int) -> tuple[EventSnapshot, list[LiveEvent]]:
    """Simulated payments without those of the last days, and those as they arrive."""
    snapshot = simulate_cards(WORLD)
    day = snapshot.events.time.astype("datetime64[D]")
    last = day > day.max() - days
    past, rest = (snapshot.events.take(np.flatnonzero(rows)) for rows in (~last, last))
    live = zip(live_events(rest), rest.columns.to_dicts(), strict=True)
    arriving = [LiveEvent(*one, columns=columns) for one, columns in live]
    return dataclasses.replace(snapshot, events=past), arriving


def bundles(
    past: EventSnapshot, folder: Path, *, networks: Sequence[str], champions: Sequence[str], **settings: Any
) -> dict[str, Path]:
    """Bundles of several champions of the quick recipe, fitted once on all payments, nothing searched."""
    changes = {**QUICK, "model.networks": tuple(networks), **settings}
    del changes["evaluate.origins"]
    study = with_overrides(fraud.RECIPE.study, changes)
    assert isinstance(study, ScoringStudy)
    snapshot = event_records(past, study)
    ready = bench(
        snapshot.records, dataclasses.replace(refit_fold(snapshot.records, study), number=REFIT), study
    )
    models = (*study.model.networks, *study.model.baselines)
    own = {key: dict(study.model.settings.get(key, {})) for key in models}
    fitted = fit_fold(ready, study, own, memory=_Nowhere(), checkpoints=None)
    refit, found = Refit(ready, fitted, fold_answers(ready, fitted, study)), {}
    for champion in champions:
        exported = export(
            refit, snapshot.records, study, champion,
            history=None, schema=snapshot.schema, events=snapshot.events,
        )  # fmt: skip
        manifest = ScoringManifest(
            study=study.name,
            question=study.question,
            champion=champion,
            combine=exported.combine,
            created="",
            barograph="0",
            versions={},
            columns=(*snapshot.schema.numeric, *snapshot.schema.categorical),
            request=schema_plain(snapshot.schema),
            fitted_until=str(ready.fold.cut),
            data=dataclasses.asdict(snapshot.provenance),
            seeds=tuple(range(study.train.seeds)),
            prepare=study.prepare.model_dump(mode="json"),
            verdict="",
            label=study.question,
            assumptions=dataclasses.asdict(Assumptions.of(study.deploy, months=study.collect.outcome_months)),
            threshold=0.1,
            parts=len(ready.fold.parts),
        )
        found[champion] = write_bundle(folder / champion, manifest, exported.files).folder
    return found
