"""Report content of what credit people use: portfolio, scorecard, reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Term = Literal[
    "asset_class",
    "exposure",
    "lgd",
    "maturity",
    "lifetime",
    "arrears",
    "pd_origination",
    "rate",
    "turnover",
    "horizon",
    "confidence",
]
"""What the portfolio's figures rest on."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A figure that the portfolio's figures rest on."""

    key: Term
    value: str  # as printed, with its unit; "" where the figure is each record's own
    column: str = ""  # the user's column it was read from; empty = assumed, and printed as assumed
    lacking: int = 0  # records without a value in that column, for which `value` is assumed


@dataclass(frozen=True, slots=True)
class GradeRisk:
    """The figures of one grade, or of the whole portfolio, in money."""

    grade: str
    records: int
    exposure: float
    probability: float  # exposure-weighted mean PD
    expected_loss: float
    capital: float  # IRB capital requirement, 8 % of the risk-weighted amount
    risk_weighted: float
    loss_12_months: float  # IFRS 9, discounted
    loss_lifetime: float


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Figures of the scored portfolio; `total` sums `grades`."""

    unit: str  # ISO 4217 currency, or "" where the amounts carry none
    assumptions: tuple[Assumption, ...]
    grades: tuple[GradeRisk, ...]
    total: GradeRisk
    confidence: float  # level of the Vasicek quantile, such as 0.999
    quantile: float  # loss of an infinitely fine-grained portfolio at that level, in money
    stages: tuple[tuple[str, int, float, float], ...] = ()  # IFRS 9 stage, records, exposure, allowance
    note: str = ""


@dataclass(frozen=True, slots=True)
class ScorecardRow:
    """One bin of one column of the scorecard."""

    column: str
    bin: str  # such as "(0.2, 0.5]" or "retail, wholesale"
    share: float  # of the training records
    rate: float  # default rate of the training records
    woe: float  # ln(share of goods / share of bads)
    points: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The scorecard in points: score = base + Σ points; more points mean less risk."""

    base: float  # points everyone starts from
    anchor: float  # score at which …
    odds: float  # … goods stand to bads in this proportion
    doubling: float  # points that double the odds (PDO)
    rows: tuple[ScorecardRow, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """What one column's value adds to the served probability (Shapley value)."""

    column: str
    value: str
    effect: float  # in probability; base + Σ effects = probability


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """The smallest change found that would have led to approval."""

    changes: tuple[tuple[str, str, str], ...]  # column, value as it is, value as it would have to be
    probability: float


@dataclass(frozen=True, slots=True)
class Applicant:
    """One decision with its reasons."""

    record_id: str
    probability: float
    grade: str
    approved: bool
    base: float  # mean probability of the reference records
    reasons: tuple[Reason, ...]  # every column, in any order
    counterfactuals: tuple[Counterfactual, ...] = ()
    unlike: bool | None = None  # whether the anomaly score flags it; None without one
    codes: tuple[str, ...] = ()  # columns of the scorecard by points lost, most first
