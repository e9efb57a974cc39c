"""The networks of a fold: a stack of seeds a task, trained on top of the linear control."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.section import OptimiserSection
from barograph.engines.scoring.conventional import Learned
from barograph.engines.scoring.reading import read
from barograph.engines.scoring.streamed import FoldRows
from barograph.engines.scoring.views import FoldViews
from barograph.models.scorers import SCORING_CATALOGUE, scorer_of
from barograph.train.loop import train_stack
from barograph.train.predict import predict_stack
from barograph.train.record_data import RecordData, RecordMember
from barograph.train.stack import TrainedStack
from barograph.train.together import shared_out


@dataclass(frozen=True, slots=True, eq=False)
class DeepTask:
    """Members of a network on one part of a fold's bag, which differ in their seeds."""

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
    seeds: tuple[int, ...]
    checkpoint: Path | None
    rows: FoldRows | None = None  # learnt from in the place of `fit`, where not all records are in memory


def stacks_of(task: DeepTask, most: int) -> dict[int, DeepTask]:
    """A task as one for each stack, by the place of its first seed.

    A stack has so many members at most, 0 for what was measured for its network. Neither the number of
    processes nor where they run has a say, so that stacks are the same anywhere. Rows from disk are drawn
    for a single member.
    """
    most = 1 if task.rows is not None else most or scorer_of(task.key).together
    parts, file = shared_out(len(task.seeds), most), task.checkpoint
    return {
        part.start: replace(
            task,
            seeds=task.seeds[part.start : part.stop],
            checkpoint=None if file is None else file.with_name(f"{file.name}-{part.start}.ckpt"),
        )
        for part in parts
    }


def fit_deep(task: DeepTask) -> tuple[Learned, ...]:
    """Train and ask the members; the work of a pool's process. Each has its share of the seconds."""
    began = time.perf_counter()
    data = record_data(task.views, task.offset, task.target, task.weight)
    members = [RecordMember(seed, task.fit, task.holdout) for seed in task.seeds]
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
    raw = predict_stack(trained, members, data, [task.needed] * len(members), catalogue=SCORING_CATALOGUE)
    seconds = (time.perf_counter() - began) / len(members)
    return tuple(
        _learned(task, trained.take([i]), one.astype(np.float64), seconds) for i, one in enumerate(raw)
    )


def _learned(task: DeepTask, trained: TrainedStack, raw: FloatArray, seconds: float) -> Learned:
    """One member of a stack, its raw outputs and its share of the seconds."""
    history = trained.history[0]
    facts = {
        "seconds": seconds,
        "steps": history.steps,
        "best_step": history.best_step,
        "holdout_loss": history.best_loss,
        "parameters": int(sum(values[0].size for values in trained.weights.values())),
    }
    if task.rows is not None:
        rows = history.steps * task.train.batch
        facts |= {"streamed": int(task.rows.sizes.sum()), "drawn": rows}
    answer = read(task.head, raw, task.offset[task.needed])
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
