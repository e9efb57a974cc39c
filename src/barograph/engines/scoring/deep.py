"""The networks of a fold: one member a task, trained on top of the linear control."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.section import OptimiserSection
from barograph.engines.scoring.conventional import Learned
from barograph.engines.scoring.reading import read
from barograph.engines.scoring.streamed import FoldRows
from barograph.engines.scoring.views import FoldViews
from barograph.models.scorers import SCORING_CATALOGUE
from barograph.train.loop import train_stack
from barograph.train.predict import predict_stack
from barograph.train.record_data import RecordData, RecordMember
from barograph.train.stack import TrainedStack


@dataclass(frozen=True, slots=True, eq=False)
class DeepTask:
    """One member of a network on one part of a fold's bag."""

    key: str
    head: str  # bernoulli, hazard, hurdle_beta
    views: FoldViews
    offset: FloatArray  # [n, J] where the correction starts
    target: FloatArray  # [n, J]
    weight: FloatArray  # [n, J]
    fit: IntArray
    holdout: IntArray
    needed: IntArray
    settings: Mapping[str, Any]
    train: OptimiserSection
    seed: int
    checkpoint: Path | None
    rows: FoldRows | None = None  # learnt from in the place of `fit`, where not all records are in memory


def fit_deep(task: DeepTask) -> Learned:
    """Train and ask one member; the work of a pool's process."""
    began = time.perf_counter()
    data = record_data(task.views, task.offset, task.target, task.weight)
    members = [RecordMember(task.seed, task.fit, task.holdout)]
    trained = train_stack(
        task.key,
        task.settings,
        task.head,
        members,
        data,
        task.train,
        catalogue=SCORING_CATALOGUE,
        checkpoint=task.checkpoint,
        source=task.rows,
    )
    raw = predict_stack(trained, members, data, [task.needed], catalogue=SCORING_CATALOGUE)
    history = trained.history[0]
    facts = {
        "seconds": time.perf_counter() - began,
        "steps": history.steps,
        "best_step": history.best_step,
        "holdout_loss": history.best_loss,
        "parameters": int(sum(values[0].size for values in trained.weights.values())),
    }
    if task.rows is not None:
        rows = history.steps * task.train.batch
        facts |= {"streamed": int(task.rows.sizes.sum()), "drawn": rows}
    answer = read(task.head, raw[0].astype(np.float64), task.offset[task.needed])
    return Learned(answer, trained.to_bytes(), facts)


def record_data(views: FoldViews, offset: FloatArray, target: FloatArray, weight: FloatArray) -> RecordData:
    """The tables a stack of this fold is trained on."""
    return RecordData(
        features=views.features,
        sequence=views.steps,
        offset=offset.astype(np.float32),
        target=target.astype(np.float32),
        weight=weight.astype(np.float32),
        groups=views.feature_groups,
    )


def stack_of(learned: Learned) -> TrainedStack:
    """The trained member behind an answer."""
    return TrainedStack.from_bytes(learned.artefact)
