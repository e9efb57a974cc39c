"""The anomaly score of a bundle: how badly a record is rebuilt from a few factors of the population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.scoring_study import ScoringStudy
from barograph.core.seeds import seed_of
from barograph.engines.scoring.plan import Bench
from barograph.measures.anomaly import reconstruction_score
from barograph.models.scorers import RECONSTRUCTION, SCORING_CATALOGUE
from barograph.train.export import export_onnx
from barograph.train.loop import train_stack
from barograph.train.record_data import RecordData, RecordMember, predict_records

LEAST_VARIANCE = 1e-4
"""Features that vary less in training say nothing of how usual a record is."""
MOST_STEPS = 400
"""Steps of the reconstruction at most; it need not be perfect, only the same for everybody."""
QUANTILES = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True, slots=True, eq=False)
class FittedAnomaly:
    """The reconstruction as a graph, and the scale and quantiles of its errors."""

    graph: bytes
    center: FloatArray  # [F]
    scale: FloatArray  # [F] root mean squared error in training; infinite for a feature that says nothing
    quantiles: FloatArray  # [101] of the score of held-out records


def fit_anomaly(bench: Bench, study: ScoringStudy) -> FittedAnomaly:
    """Train the reconstruction on the refit's fitting rows; its quantiles come from the rows held out."""
    views, part = bench.views.without_feature(), bench.fold.parts[0]
    fit, holdout = views.places(part.fit_rows), views.places(part.holdout_rows)
    x = views.features
    center, variance = x[fit].mean(axis=0, dtype=np.float64), x[fit].var(axis=0, dtype=np.float64)
    weight = np.where(variance > LEAST_VARIANCE, 1.0 / np.maximum(variance, LEAST_VARIANCE), 0.0)
    data = RecordData(
        features=x,
        sequence=views.steps[:, :0],
        offset=np.broadcast_to(center.astype(np.float32), x.shape),
        target=x,
        weight=np.broadcast_to(weight.astype(np.float32), x.shape),
    )
    settings = study.train.model_copy(update={"max_steps": min(study.train.max_steps, MOST_STEPS)})
    members = [RecordMember(seed_of(study.train.seed, RECONSTRUCTION), fit, holdout)]
    trained = train_stack(
        RECONSTRUCTION, {}, RECONSTRUCTION, members, data, settings, catalogue=SCORING_CATALOGUE
    )
    rebuilt = predict_records(trained, data, np.concatenate([fit, holdout]), catalogue=SCORING_CATALOGUE)
    error = x[np.concatenate([fit, holdout])] - (rebuilt[0, :, 0].astype(np.float64) + center)
    scale = np.sqrt(np.mean(error[: fit.size] ** 2, axis=0))
    scale = np.where((weight > 0) & (scale > 0), scale, np.inf)
    scores = reconstruction_score(error[fit.size :], scale)
    graph = export_onnx(trained, [0], catalogue=SCORING_CATALOGUE).content
    return FittedAnomaly(graph, center, scale, np.quantile(scores, QUANTILES))
