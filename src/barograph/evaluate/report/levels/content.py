"""What a report of the level branch is made of: frozen plain data; rates in the target's own unit."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.core.arrays import DateArray, FloatArray
from barograph.core.level_study import Scale
from barograph.core.results import Comparison, Score
from barograph.evaluate.report.study_content import PitBins, SeedSpread, StudyContent


@dataclass(frozen=True, slots=True, eq=False)
class BandSeries:
    """A model's forecasts at one horizon beside what came, by the period that was forecast."""

    model: str
    horizon: int
    period: DateArray  # [n] last days
    came: FloatArray  # [n] NaN where not known
    median: FloatArray  # [n]
    intervals: dict[float, tuple[FloatArray, FloatArray]]  # coverage -> ends, the widest first
    others: dict[str, FloatArray]  # other models' medians


@dataclass(frozen=True, slots=True)
class NewestForecast:
    """What the shipped bundle says of one period."""

    period: str  # ISO day, its last
    horizon: int
    mean: float
    median: float
    lower: float  # of the central 80 % interval
    upper: float


@dataclass(frozen=True, slots=True, eq=False)
class LevelContent(StudyContent):
    """Everything a level report prints; its reference is the baseline with the smallest CRPS."""

    target: str
    scale: Scale
    scores: tuple[Score, ...]
    comparisons: tuple[Comparison, ...]
    headline: int
    horizons: tuple[int, ...]
    delay: int
    months: int  # length of a period
    periods: int  # of the series
    origins: int  # scored
    folds: int
    since: str  # ISO day of the first scored origin
    until: str
    all_developed: bool  # every scored origin chose the recipe
    inputs: tuple[str, ...]
    bands: tuple[BandSeries, ...]  # the headline horizon first
    pit: PitBins
    seed_spread: tuple[SeedSpread, ...]  # CRPS at the headline horizon
    newest: tuple[NewestForecast, ...]
    newest_origin: str
