"""From a panel to the champion's densities, by the parts of a bundle alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.panel_table import PanelForecast, PanelSamples
from barograph.deploy.manifest import PanelCombine
from barograph.engines.forecasting.panels.parts import Parts
from barograph.measures.heads import shift_and_scale
from barograph.measures.panels.forecast import control_shift, mean_of, rows_with_context
from barograph.measures.panels.moves import innovations
from barograph.measures.panels.spread import garch_deviation
from barograph.prepare.scaler import apply_scaler


class Teller(Protocol):
    """The forecasts of a champion's parts at the same origins, whoever makes them."""

    def baseline(self, key: str) -> PanelForecast:
        """Of a conventional model."""
        ...

    def control(self, start: PanelForecast) -> PanelForecast:
        """Of the linear control, which corrects a start."""
        ...

    def network(self, key: str, start: PanelForecast) -> PanelForecast:
        """Of a network's ensemble, which corrects a start."""
        ...


def told(combine: PanelCombine, teller: Teller) -> PanelForecast:
    """A champion's mean and deviation from those of its parts."""
    if combine.kind == "baseline":
        return teller.baseline(combine.baseline)
    start = teller.baseline(combine.start)
    if combine.kind == "control":
        return teller.control(start)
    parts = [teller.network(key, start) for key in combine.networks] or [teller.control(start)]
    if combine.kind == "network":
        return parts[0]
    mean = np.asarray(np.mean([one.mean for one in parts], axis=0))
    other = [teller.baseline(combine.scale).deviation] if combine.scale else []
    weights = np.asarray(combine.weights)
    return combined(start, mean, [one.deviation for one in parts], other, weights)


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """A `Teller` that has the parts of a bundle."""

    parts: Parts
    samples: PanelSamples
    origins: IntArray  # consecutive

    def baseline(self, key: str) -> PanelForecast:
        """See `Teller`."""
        return _baseline(self.parts, self.samples, key, self.origins)

    def control(self, start: PanelForecast) -> PanelForecast:
        """See `Teller`."""
        if self.parts.control is None:
            raise TypeError("the bundle of a linear control holds it")
        rows = rows_at(self.samples, self.origins)
        inputs = apply_scaler(self.parts.features, self.samples.features[rows])
        return corrected(start, by_origin(self.samples, control_shift(self.parts.control, inputs)))

    def network(self, key: str, start: PanelForecast) -> PanelForecast:
        """See `Teller`."""
        inputs = network_inputs(self.parts, self.samples, rows_at(self.samples, self.origins))
        return ensemble(self.samples, self.parts.networks[key].run(inputs), start)


def figures(parts: Parts, samples: PanelSamples, origins: IntArray) -> PanelForecast:
    """The champion's mean and deviation at some consecutive origins."""
    return told(parts.manifest.combine, Served(parts, samples, origins))


def corrected(start: PanelForecast, shift: FloatArray, log_scale: FloatArray | float = 0.0) -> PanelForecast:
    """A start moved by so many of its deviations ``[n, E, H]``, its deviation scaled."""
    return PanelForecast(start.mean + start.deviation * shift, start.deviation * np.exp(log_scale))


def ensemble(samples: PanelSamples, raw: FloatArray, start: PanelForecast) -> PanelForecast:
    """A network's members as one: mean shift, geometric mean of scales; raw ``[M, E * n, H, K]``."""
    shift, scale = shift_and_scale(raw)
    moved, log_scale = (by_origin(samples, one.mean(axis=0)) for one in (shift, np.log(scale)))
    return corrected(start, moved, log_scale)


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
