"""A deep anomaly scorer: autoencoders trained together, and what ranks their residuals and factors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_anomaly import DeepAnomalyParameters
from barograph.core.section import OptimiserSection
from barograph.core.seeds import generator, seed_of
from barograph.measures.anomaly import (
    deep_anomaly_distances,
    deep_anomaly_score,
    deep_inputs,
    ledoit_wolf,
    normal_knots,
    tail_ranks,
    whitening,
)
from barograph.train.loop import train_stack
from barograph.train.parts import Catalogue
from barograph.train.record_data import RecordData, RecordMember, predict_records
from barograph.train.stack import Float32Array, TrainedStack

HEAD = "reconstruction"
MEMBERS = 10
MASKED = 0.1
"""Share of the inputs masked in training, where the network's settings do not say."""
NEIGHBOUR = 5
"""The latent neighbour whose distance counts."""
REFERENCE_ROWS = 512
"""Latent reference rows of each member, which draws its own."""
MOST_ROWS = 20_000
"""Rows at most from which covariances, and from which ranks, are taken."""
MOST_KNOTS = 1000
"""Order statistics kept of each member's distance."""
LEAST_VARIANCE = 1e-4
"""A column of normal scores that varies less need not be rebuilt."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedDeepAnomaly:
    """The trained networks, and the fitted value that turns their answers into a score."""

    stack: TrainedStack
    parameters: DeepAnomalyParameters


def fit_deep_anomaly(
    matrix: FloatArray,
    fit_rows: IntArray,
    holdout_rows: IntArray,
    *,
    network: str,
    network_settings: Mapping[str, Any],
    settings: OptimiserSection,
    catalogue: Catalogue,
    members: int = MEMBERS,
    checkpoint: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> FittedDeepAnomaly:
    """Train autoencoders on rows believed to be usual, and fit how their answers are scored.

    Parameters
    ----------
    matrix : array [n, F]
        Finite, otherwise `DataError`.
    fit_rows, holdout_rows : IntArray
        Rows to learn from; rows that stop the training and that later scores are ranked among.
    network, network_settings : str, mapping
        One that rebuilds, "reconstruction" or "variational_autoencoder"; its settings, over `MASKED`.
    settings : OptimiserSection
        Its `seed` is the root; `members`, not its `seeds`, says how many networks there are.
    catalogue, checkpoint, on_progress
        See `barograph.train.loop.train_stack`.
    """
    knots = normal_knots(matrix[fit_rows])
    data = reconstruction_data(deep_inputs(knots, matrix), fit_rows)
    team = [RecordMember(seed_of(settings.seed, network, i), fit_rows, holdout_rows) for i in range(members)]
    full = {"masked": MASKED} | dict(network_settings) | {"with_factors": True}
    further: dict[str, Any] = {"checkpoint": checkpoint, "on_progress": on_progress}
    stack = train_stack(network, full, HEAD, team, data, settings, catalogue=catalogue, **further)
    some, others = _spread(fit_rows, MOST_ROWS), _spread(holdout_rows, MOST_ROWS)
    usual = _fitted_distances(knots, data.features[some], _answers(stack, data, some, catalogue), team)
    held_out = deep_anomaly_distances(usual, data.features[others], _answers(stack, data, others, catalogue))
    return FittedDeepAnomaly(stack, _with_ranks(usual, held_out))


def score_deep_anomaly(fitted: FittedDeepAnomaly, matrix: FloatArray, *, catalogue: Catalogue) -> FloatArray:
    """Scores [n] of other rows, the networks run by torch; a bundle runs the graph of `fitted.stack`."""
    inputs = deep_inputs(fitted.parameters.knots, matrix)
    every = np.arange(inputs.shape[0])
    scores = [np.empty(0)]
    data = reconstruction_data(inputs, every)
    for since in range(0, every.size, MOST_ROWS):
        rows = every[since : since + MOST_ROWS]
        answer = _answers(fitted.stack, data, rows, catalogue)
        scores.append(deep_anomaly_score(fitted.parameters, inputs[rows], answer))
    return np.concatenate(scores)


def reconstruction_data(inputs: Float32Array, fit_rows: IntArray) -> RecordData:
    """Inputs as their own target; a column's weight is one over its variance over `fit_rows`."""
    variance = inputs[fit_rows].var(axis=0, dtype=np.float64) if fit_rows.size else np.zeros(inputs.shape[1])
    weight = np.where(variance > LEAST_VARIANCE, 1.0 / np.maximum(variance, LEAST_VARIANCE), 0.0)
    return RecordData(
        features=inputs,
        sequence=np.empty((inputs.shape[0], 0, 0), dtype=np.float32),
        offset=np.broadcast_to(np.float32(0), inputs.shape),
        target=inputs,
        weight=np.broadcast_to(weight.astype(np.float32), inputs.shape),
    )


def _answers(stack: TrainedStack, data: RecordData, rows: IntArray, catalogue: Catalogue) -> Float32Array:
    """Reconstructions and factors of every member, [M, n, F + L]."""
    answer: Float32Array = predict_records(stack, data, rows, catalogue=catalogue)[:, :, 0]
    return answer


def _spread(rows: IntArray, most: int) -> IntArray:
    """At most so many rows, evenly spaced."""
    return rows[np.linspace(0, rows.size - 1, min(rows.size, most)).round().astype(np.int64)]


def _fitted_distances(
    knots: FloatArray, inputs: Float32Array, answer: Float32Array, team: list[RecordMember]
) -> DeepAnomalyParameters:
    """Everything but the ranks, from fitting rows."""
    n_columns = inputs.shape[1]
    residual = inputs - answer[:, :, :n_columns].astype(np.float64)  # [M, n, F]
    factors = answer[:, :, n_columns:].astype(np.float64)  # [M, n, L]
    spread = factors.std(axis=1)
    moves = spread > LEAST_VARIANCE
    weight = np.where(moves, 1.0 / np.where(moves, spread, 1.0), 0.0)
    count = min(REFERENCE_ROWS, factors.shape[1])
    drawn = [generator(one.seed, "latents").choice(factors.shape[1], count, replace=False) for one in team]
    return DeepAnomalyParameters(
        knots=knots,
        center=residual.mean(axis=1),
        root=np.stack([whitening(ledoit_wolf(one)[0]) for one in residual]),
        latent_weight=weight,
        latents=np.stack([one[rows] for one, rows in zip(factors, drawn, strict=True)]) * weight[:, None],
        neighbour=NEIGHBOUR,
        quantiles=np.empty((len(team), 0)),
        shares=np.empty(0),
        n_ranked=0,
    )


def _with_ranks(usual: DeepAnomalyParameters, held_out: FloatArray) -> DeepAnomalyParameters:
    """The same with the order statistics of the held-out distances [M, n]."""
    n_rows = held_out.shape[1]
    ranks = tail_ranks(n_rows, most=MOST_KNOTS)
    quantiles = np.sort(held_out, axis=1)[:, ranks - 1]
    return replace(usual, quantiles=quantiles, shares=ranks / n_rows, n_ranked=n_rows)
