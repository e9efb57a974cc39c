"""What a report of the panel branch is made of: frozen plain data; levels in the series' own unit."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.core.arrays import FloatArray
from barograph.core.panel_study import Frequency
from barograph.core.panel_table import CurveFactors, SeriesFact
from barograph.core.results import Comparison, Score
from barograph.evaluate.panels.cells import Cell
from barograph.evaluate.panels.diagnosis import Calibrated, Direction, Steadiness
from barograph.evaluate.report.study_content import PitBins, SeedSpread, StudyContent


@dataclass(frozen=True, slots=True, eq=False)
class FanOf:
    """What the shipped bundle says of one group of series at one horizon; every array [n_series]."""

    horizon: int
    centre: FloatArray
    intervals: tuple[tuple[FloatArray, FloatArray], ...]  # 95 %, then 80 %


@dataclass(frozen=True, slots=True, eq=False)
class GroupFans:
    """The newest forecast of one group: its series in order of tenor, and what is known of them now."""

    group: str
    series: tuple[str, ...]
    now: FloatArray
    fans: tuple[FanOf, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PanelContent(StudyContent):
    """Everything a panel report prints; its reference is the study's opponent."""

    series: tuple[SeriesFact, ...]
    frequency: Frequency
    scores: tuple[Score, ...]
    comparisons: tuple[Comparison, ...]  # pooled over series, against the opponent
    cells: dict[str, tuple[Cell, ...]]  # model -> against the opponent, all scored origins
    dense: dict[str, tuple[Cell, ...]]  # model -> against the best density of a random walk
    dense_opponent: str
    decides: str  # block of the cells: "confirmation" or "all"
    headline: int
    horizons: tuple[int, ...]
    origins: int  # scored
    folds: int
    since: str  # ISO day of the first scored origin
    until: str
    development_until: str
    unfit: tuple[str, ...]  # baselines the panel has not enough series for
    falls: tuple[str, ...]  # series whose error falls with the horizon
    calibrated: tuple[Calibrated, ...]
    directions: tuple[Direction, ...]
    steadiness: tuple[Steadiness, ...]
    pit: PitBins  # of the candidate at the headline horizon
    weights: dict[str, tuple[float, ...]]  # combination -> mean weight on its correction, by horizon
    seed_spread: tuple[SeedSpread, ...]
    fans: tuple[GroupFans, ...]
    factors: CurveFactors | None  # of the first curve
    newest_origin: str

    @property
    def rates(self) -> bool:
        """Whether all series are rates: errors are printed in basis points."""
        return all(one.unit == "rate" for one in self.series)
