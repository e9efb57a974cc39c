"""A panel of levels on its way from a source to the report: table, samples, densities, scored record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from barograph.core.arrays import BoolArray, DateArray, FloatArray, IntArray
from barograph.core.panel_study import Frequency, PanelSection
from barograph.core.records import Provenance


@dataclass(frozen=True, slots=True)
class SeriesFact:
    """What is known of a series before any of its values.

    Models work on the level itself, or on its logarithm. A series of order 0 (a rate) or 1 (an index of
    output) is forecast from its last known value; one of order 2 (prices, money) from its last known value
    and change: what is random there is how growth changes.
    """

    name: str  # column of the table, unique
    group: str = ""  # country or currency; "" where there is one
    tenor: float | None = None  # months to maturity of a yield; None for anything else
    scale: Literal["level", "log"] = "level"
    order: Literal[0, 1, 2] = 0
    delay: int = 0  # periods after its own until a value is published
    unit: str = ""  # of the level: "rate" (a decimal, shown in percent), or words


@dataclass(frozen=True, slots=True, eq=False)
class LevelPanel:
    """Several series by period, oldest first.

    `table` holds `time` (Date: the day, or the last day of the period), then one Float64 column per series in
    their own unit (rates as decimals), null where there is no value. Months and quarters have a row for every
    period; days are the days of the source. A value stands in the row of its **own** period; it is published
    `SeriesFact.delay` rows later.
    """

    table: pl.DataFrame
    series: tuple[SeriesFact, ...]
    frequency: Frequency

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the series, in order."""
        return tuple(one.name for one in self.series)


@dataclass(frozen=True, slots=True)
class PanelSnapshot:
    """A panel with its provenance: what a run was made from."""

    panel: LevelPanel
    provenance: Provenance
    request: PanelSection  # how the columns of a serving request are read


@dataclass(frozen=True, slots=True, eq=False)
class PanelSamples:
    """What models see at each origin (the end of a period) of each series, and what came of it.

    T periods, E series, H horizons. Values are on the work scale (see `SeriesFact`). Tables of networks have
    one row for each series and period, series after series: row ``e * T + t``.
    """

    time: DateArray  # [T]
    series: tuple[SeriesFact, ...]  # [E]
    frequency: Frequency
    horizons: tuple[int, ...]  # [H] periods from the origin's own to the forecast one
    steps: IntArray  # [E, H] periods from the newest known value to the forecast one: horizon + delay
    known: FloatArray  # [T, E] newest value known at the origin; NaN where there is none, or it is too old
    fresh: BoolArray  # [T, E] a new value became known at this origin
    outcome: FloatArray  # [T, E, H] value of period t + h; NaN where it is not known
    anchor: FloatArray  # [T, E, H] where a forecast starts: the newest known value, or it and its last change
    deviation: FloatArray  # [T, E, H] of outcome - anchor, by moving variance of known changes; NaN at first
    features: FloatArray  # [E * T, F]
    feature_names: tuple[str, ...]
    channels: FloatArray  # [E * T, C]
    channel_names: tuple[str, ...]
    cross_section: FloatArray  # [E * T, P] the series' own group at the origin
    cross_names: tuple[str, ...]
    window: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Periods, series, horizons."""
        n, entities, horizons = self.outcome.shape
        return n, entities, horizons

    @property
    def change(self) -> FloatArray:
        """What is forecast: outcome less anchor, ``[T, E, H]``."""
        return self.outcome - self.anchor

    @property
    def orders(self) -> FloatArray:
        """Order of each series, ``[E]``."""
        return np.array([float(one.order) for one in self.series])

    @property
    def admissible(self) -> BoolArray:
        """Origins with an anchor, a deviation and a full window, ``[T, E]``."""
        usable: BoolArray = np.asarray(np.isfinite(self.anchor + self.deviation).all(axis=2), dtype=np.bool_)
        usable[: self.window - 1] = False
        return usable

    def known_by(self, origin: int) -> BoolArray:
        """Which outcomes were known at an origin's end, ``[T, E, H]``."""
        published = np.arange(self.time.size)[:, None, None] + self.steps
        return (published <= origin) & np.isfinite(self.outcome)

    def row(self, periods: IntArray, entity: int) -> IntArray:
        """Rows of the networks' tables of one series at some periods."""
        return entity * self.time.size + periods


@dataclass(frozen=True, slots=True, eq=False)
class PanelForecast:
    """A mean and a deviation, ``[n, E, H]`` each on the work scale; NaN where a model says nothing."""

    mean: FloatArray
    deviation: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PanelDensities:
    """Predictive distributions: ``mean + deviation * tails``.

    The quantiles of a standardised error are shared by all origins of a block: they were learnt from errors
    known before it.
    """

    mean: FloatArray  # [n, E, H] on the work scale; NaN where the model says nothing
    deviation: FloatArray  # [n, E, H] > 0
    tails: FloatArray  # [n_blocks, E, H, len(LEVELS)] ascending along the last axis
    block: IntArray  # [n] which tails an origin has

    def quantiles(self, horizon: int) -> FloatArray:
        """Quantiles ``[n, E, len(LEVELS)]`` (see `core.forecast.LEVELS`) at the horizon of a column."""
        spread = self.tails[self.block, :, horizon]
        return self.mean[:, :, horizon, None] + self.deviation[:, :, horizon, None] * spread

    def take(self, rows: IntArray) -> PanelDensities:
        """Those of some origins."""
        return PanelDensities(self.mean[rows], self.deviation[rows], self.tails, self.block[rows])


@dataclass(frozen=True, slots=True, eq=False)
class CurveFactors:
    """Three factors of a curve by several methods, fitted up to a day, on the curves after it."""

    group: str
    until: np.datetime64  # last day fitted on
    series: tuple[str, ...]
    errors: dict[str, FloatArray]  # method -> root mean square of what it rebuilds wrongly, of each series
    explained: dict[str, FloatArray]  # method -> R² of Nelson-Siegel's level, slope, hump on its factors, [3]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class PanelRecord:
    """The scored origins of a walk-forward run, and what every candidate said of them at the time."""

    samples: PanelSamples
    rows: IntArray  # [n_scored] origins (periods), ascending
    fold: IntArray  # [n_scored] number of the fold whose models forecast the origin
    forecasts: dict[str, PanelDensities]  # candidate -> [n_scored, E, H]
    members: dict[str, FloatArray]  # network -> mean of each seed, [n_seeds, n_scored, E, H]
    weights: dict[str, FloatArray]  # combination -> its weight on the correction, [n_scored, H]
    controls: tuple[str, ...]
    baselines: tuple[str, ...]
    networks: tuple[str, ...]
    combinations: tuple[str, ...]

    @property
    def candidates(self) -> tuple[str, ...]:
        """Every model: combinations first, then networks, controls, baselines."""
        return (*self.combinations, *self.networks, *self.controls, *self.baselines)

    @property
    def outcome(self) -> FloatArray:
        """What came of the scored origins, ``[n_scored, E, H]`` on the work scale."""
        return self.samples.outcome[self.rows]
