"""A loss ledger on its way from a source to the report: losses, samples, forecasts, scored record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.fitted_ledgers import SeverityParameters
from barograph.core.records import Provenance

Part = Literal["counts", "severities"]
PARTS: tuple[Part, ...] = ("counts", "severities")


@dataclass(frozen=True, slots=True, eq=False)
class LossLedger:
    """Every loss of a stretch of days, oldest first; losses of one day in the order they came."""

    day: DateArray  # [n] datetime64[D]
    amount: FloatArray  # [n] above 0 and at least `threshold`, money
    since: np.datetime64  # first day of complete records
    until: np.datetime64  # last day of complete records
    threshold: float  # reporting threshold, money
    unit: str  # of the amounts, as printed

    @property
    def n(self) -> int:
        """Number of losses."""
        return int(self.day.size)

    def years(self) -> dict[int, FloatArray]:
        """Losses of every complete calendar year, those without any among them."""
        first, last = _year(self.since), _year(self.until)
        first += int(
            self.since > np.datetime64(f"{first}-01-07")
        )  # a first loss in the new year's first week
        last -= int(self.until < np.datetime64(f"{last}-12-25"))
        year = self.day.astype("datetime64[Y]").astype(np.int64) + 1970
        return {one: self.amount[year == one] for one in range(first, last + 1)}


def _year(day: np.datetime64) -> int:
    return int(day.astype("datetime64[Y]").astype(np.int64)) + 1970


@dataclass(frozen=True, slots=True)
class LedgerSnapshot:
    """A ledger with its provenance: what a run was made from."""

    ledger: LossLedger
    provenance: Provenance


@dataclass(frozen=True, slots=True, eq=False)
class LedgerPart:
    """Weeks, or losses, with what was known before each. Nothing is standardised; missing is NaN."""

    time: DateArray  # [n] first day of the week (a Monday); day of the loss
    outcome: FloatArray  # [n] number of losses; amount. NaN where it is yet to come
    calendar: FloatArray  # [n, 2] sine and cosine of the season
    inputs: FloatArray  # [n, F] the calendar among them
    names: tuple[str, ...]  # [F]
    sequence: FloatArray  # [n, T, C] oldest step first

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.time.size)

    def take(self, rows: IntArray) -> LedgerPart:
        """Some of the rows."""
        return LedgerPart(
            self.time[rows], self.outcome[rows], self.calendar[rows], self.inputs[rows], self.names,
            self.sequence[rows],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class LedgerSamples:
    """Both parts of a ledger, and the description of its weeks that anomalies are sought in."""

    ledger: LossLedger
    counts: LedgerPart
    severities: LedgerPart
    weeks: FloatArray  # [n_weeks, D] each week as it was
    week_names: tuple[str, ...]  # [D]

    def part(self, name: Part) -> LedgerPart:
        """The part of that name."""
        return self.counts if name == "counts" else self.severities


@dataclass(frozen=True, slots=True, eq=False)
class CountForecast:
    """Poisson (dispersion 0) or negative-binomial counts."""

    mean: FloatArray  # [n]
    dispersion: FloatArray  # [n]


@dataclass(frozen=True, slots=True, eq=False)
class DensityForecast:
    """Fitted severities, one per fold, each alone or bent by mixtures in its normal scores."""

    base: tuple[SeverityParameters, ...]  # [n_folds]
    fold: IntArray  # [n] place in `base`
    mixture: tuple[FloatArray, FloatArray, FloatArray] | None = None  # weights, means, deviations [n, k]


@dataclass(frozen=True, slots=True, eq=False)
class ScoredPart:
    """Held-out weeks or losses, and what every model said of them before they came."""

    time: DateArray  # [n]
    outcome: FloatArray  # [n]
    fold: IntArray  # [n] place among the held-out years
    threshold: FloatArray  # [n] losses: where the tail begins, from the training window; weeks: NaN
    forecasts: dict[str, CountForecast | DensityForecast]  # model -> forecast
    members: dict[str, tuple[CountForecast | DensityForecast, ...]]  # network -> one per seed

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.time.size)


@dataclass(frozen=True, slots=True, eq=False)
class LedgerRecord:
    """The held-out years of a walk-forward run."""

    samples: LedgerSamples
    years: tuple[int, ...]  # held out
    counts: ScoredPart
    severities: ScoredPart
    controls: tuple[str, ...]
    baselines: tuple[str, ...]
    networks: tuple[str, ...]

    def part(self, name: Part) -> ScoredPart:
        """The part of that name."""
        return self.counts if name == "counts" else self.severities

    @property
    def candidates(self) -> tuple[str, ...]:
        """Every model: networks, control, baselines."""
        return (*self.networks, *self.controls, *self.baselines)

    def named(self, name: str) -> str:
        """`network` stands for the first network of the study."""
        return self.networks[0] if name == "network" and self.networks else name


@dataclass(frozen=True, slots=True)
class AnomalousWeek:
    """A held-out week that an autoencoder could not rebuild."""

    monday: str  # ISO day
    score: float  # mean rank among usual weeks, 0 to 1
    count: int
    total: float  # money
    largest: float  # money


@dataclass(frozen=True, slots=True)
class AnnualQuantile:
    """One quantile of the year's total, by every method; money."""

    level: float
    fft: float
    lower: float  # bound of the grid
    upper: float
    simulated: float
    standard_error: float


@dataclass(frozen=True, slots=True, eq=False)
class AnnualLosses:
    """The year's total loss of one pair of frequency and severity; money."""

    model: str  # "conventional" or the champion
    mean: float  # infinite where the tail's is
    quantiles: tuple[AnnualQuantile, ...]
    interval: tuple[float, float] | None  # bootstrap, of the highest level
    resamples: int
    failures: int
