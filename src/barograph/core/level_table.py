"""A series in levels on its way from a source to the report: table, samples, forecasts, scored record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.level_study import Scale
from barograph.core.records import Provenance


@dataclass(frozen=True, slots=True, eq=False)
class LevelSeries:
    """One series by period (months or quarters), no period left out, oldest first.

    `table` holds `time` (Date, last day of the period), `target` (the period's own value, which is known
    `delay` periods later; null where it is not), `size` (count behind a share, null without one), then
    estimates and exogenous columns **as they stood on that day**.
    """

    table: pl.DataFrame
    months: int  # length of a period
    delay: int  # periods after its own until a target is known
    estimates: tuple[str, ...]  # columns in the target's own unit
    exogenous: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, in order."""
        return ("time", "target", "size", *self.estimates, *self.exogenous)


@dataclass(frozen=True, slots=True)
class LevelSnapshot:
    """A series with its provenance: what a run was made from."""

    series: LevelSeries
    provenance: Provenance
    target: str  # what the target is, in a few words


@dataclass(frozen=True, slots=True, eq=False)
class LevelSamples:
    """What models see at each origin, the end of a period, and what came of it.

    All values are on the study's scale but for `rate`. Column `j` of two-dimensional targets is
    ``horizons[j]``: at origin i it is the value of period ``i + horizons[j]``, known at the end of period
    ``i + horizons[j] + delay``.
    """

    time: DateArray  # [n] ends of the periods
    rate: FloatArray  # [n] the target in its own unit; NaN where it is not known
    outcome: FloatArray  # [n, H]
    outcome_rate: FloatArray  # [n, H] in the target's own unit
    inputs: FloatArray  # [n, F] known at the origin
    names: tuple[str, ...]  # [F]; the first `lags` are known values of the target, newest first
    lags: int
    anchor: int  # column of `inputs` where the linear control starts
    channels: FloatArray  # [n, C]
    horizons: tuple[int, ...]
    delay: int
    window: int
    scale: Scale

    @property
    def n(self) -> int:
        """Number of periods."""
        return int(self.time.shape[0])

    @property
    def first(self) -> int:
        """First origin with a full window and an anchor."""
        anchored = np.flatnonzero(np.isfinite(self.inputs[:, self.anchor]))
        return max(self.window - 1, int(anchored[0]) if anchored.size else self.n)

    def known_by(self, origin: int) -> FloatArray:
        """Outcomes ``[n, H]`` known at an origin's end, NaN for all others."""
        published = np.arange(self.n)[:, None] + np.asarray(self.horizons) + self.delay
        return np.where(published <= origin, self.outcome, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Gaussians:
    """Normal predictive distributions on the study's scale."""

    mean: FloatArray  # [n, H]
    deviation: FloatArray  # [n, H] > 0; NaN where the model states none

    def take(self, rows: IntArray) -> Gaussians:
        """Those of some rows."""
        return Gaussians(self.mean[rows], self.deviation[rows])


@dataclass(frozen=True, slots=True, eq=False)
class LevelRecord:
    """The scored origins of a walk-forward run, and what every candidate said of them at the time."""

    samples: LevelSamples
    rows: IntArray  # [n_scored] origins, ascending
    fold: IntArray  # [n_scored] number of the fold whose networks forecast the row
    forecasts: dict[str, Gaussians]  # candidate -> [n_scored, H]
    members: dict[str, Gaussians]  # network -> [n_seeds * n_scored, H], seed after seed
    controls: tuple[str, ...]
    baselines: tuple[str, ...]
    networks: tuple[str, ...]
    combinations: tuple[str, ...]

    @property
    def candidates(self) -> tuple[str, ...]:
        """Every model: combinations first, then networks, controls, baselines."""
        return (*self.combinations, *self.networks, *self.controls, *self.baselines)
