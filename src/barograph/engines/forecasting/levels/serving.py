"""From a series to the champion's normal forecasts, by the parts of a bundle alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.level_table import Gaussians, LevelSamples
from barograph.engines.forecasting.levels.parts import Parts
from barograph.measures import heads
from barograph.measures.levels import linear_mean
from barograph.prepare.scaler import apply_scaler

CONTROL = "linear"


def figures(parts: Parts, samples: LevelSamples, rows: IntArray) -> Gaussians:
    """The champion's forecasts at some origins, ``[n, H]``."""
    combine = parts.manifest.combine
    halves = []
    if combine.networks:
        halves.append(_ensemble(parts, samples, rows))
    if combine.partners:
        halves.append(_partners(parts, samples, rows))
    return mean_of(halves)


def mean_of(halves: Sequence[Gaussians]) -> Gaussians:
    """The normal whose quantiles are the means of the parts' quantiles."""
    return Gaussians(
        np.mean([one.mean for one in halves], axis=0), np.mean([one.deviation for one in halves], axis=0)
    )


def network_inputs(parts: Parts, samples: LevelSamples, rows: IntArray) -> dict[str, FloatArray]:
    """Standardised inputs of the graphs."""
    channels = apply_scaler(parts.channels, samples.channels)
    steps = rows[:, None] + np.arange(1 - samples.window, 1)
    return {
        "features": apply_scaler(parts.features, samples.inputs[rows]),
        "sequence": channels[steps],
        "cross_section": np.empty((rows.size, 0)),
    }


def _linear(parts: Parts, key: str, inputs: FloatArray) -> Gaussians:
    found = parts.linear[key]
    mean = linear_mean(found, inputs)
    return Gaussians(mean, np.broadcast_to(found.deviation, mean.shape))


def _partners(parts: Parts, samples: LevelSamples, rows: IntArray) -> Gaussians:
    """Each horizon from its own linear model; two of them where the control is one half."""
    inputs, combine = samples.inputs[rows], parts.manifest.combine
    each = [_linear(parts, key, inputs) for key in combine.partners]
    columns = np.arange(len(each))
    picked = Gaussians(
        np.stack([each[j].mean[:, j] for j in columns], axis=1),
        np.stack([each[j].deviation[:, j] for j in columns], axis=1),
    )
    if combine.kind == "mean" and not combine.networks:
        return mean_of([_linear(parts, CONTROL, inputs), picked])
    return picked


def _ensemble(parts: Parts, samples: LevelSamples, rows: IntArray) -> Gaussians:
    """Mean of every network's members, then of the networks."""
    start = _linear(parts, CONTROL, samples.inputs[rows])
    inputs = network_inputs(parts, samples, rows)
    found = []
    for graph in parts.networks.values():
        shift, scale = heads.gaussian(graph.run(inputs))  # [M, n, H]
        found.append(
            Gaussians(
                (start.mean + shift * start.deviation).mean(axis=0), (start.deviation * scale).mean(axis=0)
            )
        )
    return mean_of(found)
