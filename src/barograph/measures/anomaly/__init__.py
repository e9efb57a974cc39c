"""How unlike its population a record is: scores of fitted anomaly models, higher for the less usual.

Each is a pure function of a fitted value (`core.fitted_anomaly`) and a matrix of numbers, [n, F]. A value
that is not finite, and another number of columns than in training, are refused. A column that was constant in
training says nothing ever.
"""

from __future__ import annotations

from barograph.measures.anomaly.covariance import ledoit_wolf, mahalanobis, whitening
from barograph.measures.anomaly.deep import deep_anomaly_distances, deep_anomaly_score, deep_inputs
from barograph.measures.anomaly.inputs import normal_knots, normal_scores
from barograph.measures.anomaly.neighbours import neighbour_distance
from barograph.measures.anomaly.order import ranked, tail_ranks
from barograph.measures.anomaly.reconstruction import rank_in, reconstruction_score
from barograph.measures.anomaly.score import anomaly_score

__all__ = [
    "anomaly_score",
    "deep_anomaly_distances",
    "deep_anomaly_score",
    "deep_inputs",
    "ledoit_wolf",
    "mahalanobis",
    "neighbour_distance",
    "normal_knots",
    "normal_scores",
    "rank_in",
    "ranked",
    "reconstruction_score",
    "tail_ranks",
    "whitening",
]
