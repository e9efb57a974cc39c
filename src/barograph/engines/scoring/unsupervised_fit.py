"""Models that never see a label, fitted on a fold: on training rows not known as fraud, on nothing else."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.fitted_anomaly import AnomalyRankParameters
from barograph.core.fitted_records import EncoderParameters
from barograph.core.scoring_study import ScoringStudy
from barograph.core.section import OptimiserSection
from barograph.core.unsupervised import ANOMALY_NETWORKS
from barograph.engines.scoring.conventional import Learned
from barograph.engines.scoring.unsupervised import (
    FittedUnsupervised,
    conventional_ranks,
    within_one,
)
from barograph.engines.scoring.views import FoldViews
from barograph.measures.anomaly import anomaly_score, tail_ranks
from barograph.models.baselines.anomaly import fit_anomaly_baseline
from barograph.models.scorers import RECONSTRUCTORS_OF, SCORING_CATALOGUE
from barograph.prepare.encoder import coded_names
from barograph.prepare.events.names import label_names
from barograph.train.anomaly import FittedDeepAnomaly, fit_deep_anomaly, score_deep_anomaly
from barograph.train.stack import TrainedStack

MOST_FIT, MOST_RANKED = 20_000, 10_000
"""Rows at most that a model is fitted on, and among which scores are ranked: evenly over the training."""
MOST_OF = {"knn": 2_000}
"""Fewer rows for a model that keeps them all: a small sample ranks outliers as well (Sugiyama and Borgwardt
2013)."""
MOST_BATCH = 512
"""Rows of a step of the networks at most: there are far more usual rows than steps that they need."""
MOST_KNOTS = 1000
"""Order statistics kept of the scores among which others are ranked."""
LEAST_ROWS = 20
"""Rows not known as fraud without which nothing can be called usual."""


@dataclass(frozen=True, slots=True, eq=False)
class UnsupervisedTask:
    """A model to fit on usual rows and to ask; it holds no label."""

    key: str
    usual: FloatArray  # [n, F]
    held_out: FloatArray  # [m, F] usual rows that stop the training, and among which scores are ranked
    asked: FloatArray  # [q, F]
    places: IntArray  # [q] where the asked rows lie among those needed
    n_needed: int
    settings: Mapping[str, Any]
    train: OptimiserSection
    members: int
    seed: int


def read_columns(encoder: EncoderParameters, study: ScoringStudy) -> tuple[str, ...]:
    """Source columns that these models read: all but those made of labels, such as a terminal's frauds."""
    events = study.prepare.events
    labels = set() if events is None else set(label_names(events.risk_windows))
    return tuple(name for name in coded_names(encoder) if name not in labels)


def usual_places(views: FoldViews, rows: IntArray) -> IntArray:
    """Places in the views of those of the study's records that are not known as fraud.

    Raises
    ------
    DataError
        Fewer than `LEAST_ROWS` are left.
    """
    places = views.places(rows)
    usual: IntArray = places[views.label[places] == 0.0]
    if usual.size < LEAST_ROWS:
        raise DataError(
            f"unsupervised models need at least {LEAST_ROWS} training rows that are not known as fraud",
            came=f"a training window has {usual.size} of {rows.size}",
            do="Train on more blocks (evaluate.train_blocks), or empty model.unsupervised",
        )
    return usual


def fit_unsupervised(task: UnsupervisedTask) -> Learned:
    """Fit and ask a model; the work of a pool's process. Rows not asked about have no answer (NaN)."""
    began = time.perf_counter()
    facts: dict[str, Any] = {}
    if task.key in ANOMALY_NETWORKS:
        deep = _deep(task)
        fitted = FittedUnsupervised(deep.parameters, None, deep.stack.to_bytes())
        score = score_deep_anomaly(deep, task.asked, catalogue=SCORING_CATALOGUE)
        ranks = within_one(score, deep.parameters.n_ranked)
        facts["steps"] = float(np.mean([one.steps for one in deep.stack.history]))
        facts["parameters"] = int(sum(values[0].size for values in deep.stack.weights.values()))
    else:
        fitted = _conventional(task)
        ranks = conventional_ranks(fitted, task.asked)
    answer = np.full(task.n_needed, np.nan)
    answer[task.places] = ranks
    return Learned(answer, fitted.to_bytes(), facts | {"seconds": time.perf_counter() - began})


def _deep(task: UnsupervisedTask) -> FittedDeepAnomaly:
    n_fit = task.usual.shape[0]
    return fit_deep_anomaly(
        np.concatenate([task.usual, task.held_out]),
        np.arange(n_fit),
        np.arange(n_fit, n_fit + task.held_out.shape[0]),
        network=RECONSTRUCTORS_OF[task.key],
        network_settings=task.settings,
        settings=task.train.model_copy(
            update={"seed": task.seed, "batch": min(task.train.batch, MOST_BATCH)}
        ),
        catalogue=SCORING_CATALOGUE,
        members=task.members,
    )


def _conventional(task: UnsupervisedTask) -> FittedUnsupervised:
    value = fit_anomaly_baseline(task.key, task.usual, seed=task.seed)
    held_out = np.sort(anomaly_score(value, task.held_out))
    places = tail_ranks(held_out.size, most=MOST_KNOTS)
    ranks = AnomalyRankParameters(held_out[places - 1], places / held_out.size, held_out.size)
    return FittedUnsupervised(value, ranks)


def stack_of(learned: Learned) -> TrainedStack:
    """The trained networks behind an answer."""
    return TrainedStack.from_bytes(FittedUnsupervised.from_bytes(learned.artefact).stack)
