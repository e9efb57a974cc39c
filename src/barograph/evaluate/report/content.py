"""What a report of the forecasting engine is made of: frozen plain data, in the units it is printed from.

Volatilities are annualised decimals (``sqrt(252 * variance / horizon)``), returns log decimals, VaR and ES
positive losses in decimals. Models appear under their catalogue keys; words come from `core.texts`.
"""

from __future__ import annotations

from dataclasses import dataclass

from barograph.core.arrays import DateArray, FloatArray
from barograph.core.results import BackTest, Comparison, Score
from barograph.evaluate.report.single_days import SingleDays
from barograph.evaluate.report.study_content import SeedSpread, StudyContent, StudyFacts

TRADING_DAYS = 252
"""Days of a year behind every annualised volatility."""


@dataclass(frozen=True, slots=True, eq=False)
class AssetSeries:
    """One entity over the test block: what was forecast at each origin, and what came."""

    entity: str
    time: DateArray  # [n] origins
    near: int  # trading days of the returns and of the VaR below, the shortest horizon
    next_return: FloatArray  # [n] log return over `near` days, NaN if unknown
    far: int  # trading days of the two volatilities below
    realised: FloatArray  # [n] volatility realised over the horizon, annualised; NaN if unknown
    volatility: dict[str, FloatArray]  # model -> forecast over the horizon, annualised, [n]
    value_at_risk: dict[str, FloatArray]  # model -> VaR at `alpha` over `near` days, [n]
    alpha: float


@dataclass(frozen=True, slots=True, eq=False)
class PitHistogram:
    """Shares of returns in equal bins of their predictive distribution: shortest horizon, all entities."""

    model: str
    share: FloatArray  # [n_bins]
    half_width: FloatArray  # [n_bins] two standard errors, clustered by day
    n_obs: int


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityCurve:
    """Forecast probability of an event beside its observed frequency, in bins of equal count."""

    model: str
    forecast: FloatArray  # [n_bins]
    observed: FloatArray  # [n_bins]


@dataclass(frozen=True, slots=True, eq=False)
class LossPath:
    """QLIKE at the shortest horizon of the candidate less an opponent's, mean over entities, day by day."""

    candidate: str
    opponent: str
    time: DateArray  # [n_days]
    difference: FloatArray  # [n_days]


@dataclass(frozen=True, slots=True)
class PoolWeight:
    """Weight of a model in the combination, in one fold at one horizon."""

    fold: int
    horizon: int
    model: str
    weight: float


@dataclass(frozen=True, slots=True)
class NextDay:
    """What the champion says of the next day of one entity."""

    entity: str
    origin: str  # ISO date, the last day known
    model: str
    volatility: float  # annualised
    value_at_risk: dict[float, float]  # tail probability -> VaR
    expected_shortfall: dict[float, float]  # tail probability -> ES


@dataclass(frozen=True, slots=True)
class BookFigures:
    """Figures of a portfolio, already worded by whoever assessed it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class RunFacts(StudyFacts):
    """What only the run itself knows of a forecasting study."""

    pool_weights: tuple[PoolWeight, ...] = ()
    next_day: tuple[NextDay, ...] = ()
    book: BookFigures | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ReportContent(StudyContent):
    """Everything a report of the forecasting engine prints. Made by `content_from`; read by `render`."""

    facts: RunFacts
    scores: tuple[Score, ...]
    comparisons: tuple[Comparison, ...]
    back_tests: tuple[BackTest, ...]
    entities: tuple[str, ...]
    development: tuple[str, ...]  # entities on which the recipe was chosen
    folds: int
    since: str  # ISO date of the first scored origin
    until: str  # ISO date of the last
    origins: int  # scored rows, all entities
    near: int  # the shortest horizon, trading days
    series: tuple[AssetSeries, ...]
    pit: tuple[PitHistogram, ...]
    reliability: tuple[ReliabilityCurve, ...]
    seed_spread: tuple[SeedSpread, ...]  # QLIKE at the shortest horizon
    reference_qlike: float  # QLIKE of the reference at the shortest horizon, the line of the seed chart
    loss_paths: tuple[LossPath, ...]
    single_days: SingleDays
