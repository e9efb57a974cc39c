"""What a report of the ledger branch is made of: frozen plain data; money in the ledger's own unit."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.core.arrays import DateArray, FloatArray
from barograph.core.fitted_ledgers import FrequencyParameters, SeverityParameters
from barograph.core.ledger_table import AnnualLosses, AnomalousWeek
from barograph.core.results import Comparison, Score, TestResult
from barograph.evaluate.report.study_content import PitBins, SeedSpread, StudyContent


@dataclass(frozen=True, slots=True, eq=False)
class CountBands:
    """A model's weekly counts beside what came, by week."""

    model: str
    week: DateArray  # [n] Mondays
    came: FloatArray  # [n]
    median: FloatArray  # [n]
    intervals: dict[float, tuple[FloatArray, FloatArray]]  # coverage -> ends, the widest first
    others: dict[str, FloatArray]  # other models' means


@dataclass(frozen=True, slots=True)
class ComingRow:
    """One row of what the shipped bundle says."""

    what: str  # "count" or "annual_loss"
    since: str  # ISO day
    until: str
    mean: float
    quantiles: tuple[float, ...]  # at the study's levels


@dataclass(frozen=True, slots=True, eq=False)
class TailAids:
    """Where does the tail begin? Of the whole ledger; aids for the eye."""

    threshold: float  # of the tail fitted last
    thresholds: FloatArray  # [n] money
    excess: FloatArray  # [n] mean excess over each
    excess_error: FloatArray  # [n] standard error
    order: FloatArray  # [m] largest losses used
    hill: FloatArray  # [m] estimate of the shape


@dataclass(frozen=True, slots=True)
class CapitalFigures:
    """The standardised approach; money, save the multiplier."""

    indicator_component: float
    loss_component: float
    multiplier: float
    requirement: float
    risk_weighted_assets: float


@dataclass(frozen=True, slots=True, eq=False)
class LedgerContent(StudyContent):
    """Everything a ledger report prints; its reference is the negative binomial."""

    unit: str
    scores: tuple[Score, ...]
    comparisons: tuple[Comparison, ...]
    years: tuple[int, ...]  # held out
    weeks: int  # held out
    losses: int  # held out
    all_losses: int
    since: str  # ISO day of the first held-out week
    until: str
    all_developed: bool  # every held-out year chose the recipe
    yearly: dict[int, int]  # complete year -> losses
    dispersion: tuple[TestResult, ...]
    frequency: FrequencyParameters
    fits: dict[str, SeverityParameters]  # severity -> the refit
    count_fit: tuple[float, float]  # weekly mean and dispersion of the refitted negative binomial
    tail: TailAids
    bands: CountBands
    pits: dict[str, tuple[PitBins, ...]]  # counts, severities
    seed_spread: tuple[SeedSpread, ...]  # log score of counts
    coming: tuple[ComingRow, ...]
    levels: tuple[float, ...]
    annual: tuple[AnnualLosses, ...]  # convention first
    capital: CapitalFigures | None
    anomalies: tuple[AnomalousWeek, ...]
