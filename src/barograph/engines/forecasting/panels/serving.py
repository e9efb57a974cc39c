"""From a panel to the champion's densities, by the parts of a bundle alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.panel_table import PanelForecast, PanelSamples
from barograph.engines.forecasting.panels.parts import Parts
from barograph.measures.heads import shift_and_scale
from barograph.measures.panels.forecast import control_shift, mean_of, rows_with_context
from barograph.measures.panels.moves import innovations
from barograph.measures.panels.spread import garch_deviation
from barograph.prepare.scaler import apply_scaler


def figures(parts: Parts, samples: PanelSamples, origins: IntArray) -> PanelForecast:
    """The champion's mean and deviation at some consecutive origins."""
    combine = parts.manifest.combine
    if combine.kind == "baseline":
        return _baseline(parts, samples, combine.baseline, origins)
    start = _baseline(parts, samples, combine.start, origins)
    if combine.kind == "control":
        shift = _control(parts, samples, origins)
        return PanelForecast(start.mean + start.deviation * shift, start.deviation)
    networks = [_network(parts, samples, origins, start, key) for key in combine.networks]
    mean = np.mean([one.mean for one in networks], axis=0)
    own = [one.deviation for one in networks]
    if combine.kind == "network":
        return PanelForecast(mean, networks[0].deviation)
    if not networks:  # the control in the networks' place
        mean = start.mean + start.deviation * _control(parts, samples, origins)
        own = [start.deviation]
    other = [_baseline(parts, samples, combine.scale, origins).deviation] if combine.scale else []
    return combined(start, mean, own, other, np.asarray(combine.weights))


def combined(
    start: PanelForecast,
    mean: FloatArray,
    own: Sequence[FloatArray],
    other: Sequence[FloatArray],
    weights: FloatArray,
) -> PanelForecast:
    """The start plus a weighted correction; the deviation is the geometric mean of its halves.

    Parameters
    ----------
    start : PanelForecast
    mean : array [n, E, H]
        The corrected mean.
    own, other : sequence of arrays [n, E, H]
        Deviations of the correcting models, and of a conventional scale if there is one.
    weights : array [H] or [n, 1, H]
        On the correction.
    """
    halves = [np.mean(np.log(own), axis=0), *(np.log(one) for one in other)]
    return PanelForecast(start.mean + weights * (mean - start.mean), np.exp(np.mean(halves, axis=0)))


def network_inputs(parts: Parts, samples: PanelSamples, rows: IntArray) -> dict[str, FloatArray]:
    """Standardised inputs of the graphs."""
    since = max(int(rows.min()) - samples.window + 1, 0)
    channels = apply_scaler(parts.channels, samples.channels[since : int(rows.max()) + 1])
    steps = rows[:, None] + np.arange(1 - samples.window, 1) - since
    return {
        "features": apply_scaler(parts.features, samples.features[rows]),
        "sequence": channels[steps],
        "cross_section": apply_scaler(parts.cross_section, samples.cross_section[rows]),
    }


def rows_at(samples: PanelSamples, origins: IntArray) -> IntArray:
    """Rows of every series at some origins, series after series."""
    return np.concatenate([samples.row(origins, e) for e in range(len(samples.series))])


def by_origin(samples: PanelSamples, values: FloatArray) -> FloatArray:
    """``[E * n, H]``, series after series, as ``[n, E, H]``."""
    return values.reshape(len(samples.series), -1, values.shape[-1]).transpose(1, 0, 2)


def _baseline(parts: Parts, samples: PanelSamples, key: str, origins: IntArray) -> PanelForecast:
    window, places = rows_with_context(origins)
    fitted = parts.models[key]
    mean = mean_of(fitted, samples.known[window], samples.orders, samples.steps)[places]
    deviation = samples.deviation[origins]
    if key in parts.scales:
        moves = np.where(samples.fresh, innovations(samples.known, samples.orders), np.nan)
        seen = moves[: int(origins[-1]) + 1]
        found = garch_deviation(parts.scales[key], seen, samples.orders, samples.steps)[origins]
        deviation = np.where(np.isfinite(found), found, deviation)
    return PanelForecast(mean, deviation)


def _control(parts: Parts, samples: PanelSamples, origins: IntArray) -> FloatArray:
    if parts.control is None:
        raise TypeError("the bundle of a linear control holds it")
    inputs = apply_scaler(parts.features, samples.features[rows_at(samples, origins)])
    return by_origin(samples, control_shift(parts.control, inputs))


def _network(
    parts: Parts, samples: PanelSamples, origins: IntArray, start: PanelForecast, key: str
) -> PanelForecast:
    """The ensemble of one network: mean shift, geometric mean of scales."""
    raw = parts.networks[key].run(
        network_inputs(parts, samples, rows_at(samples, origins))
    )  # [M, E * n, H, K]
    shift, scale = shift_and_scale(raw)
    moved, log_scale = (by_origin(samples, one.mean(axis=0)) for one in (shift, np.log(scale)))
    return PanelForecast(start.mean + start.deviation * moved, start.deviation * np.exp(log_scale))
