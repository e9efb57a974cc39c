"""What a report of the scoring engine is made of: frozen plain data, in the units it is printed from.

Probabilities, rates and losses given default are decimals, amounts are in the money unit of the portfolio.
Models appear under their catalogue keys; words come from `core.texts`. For a loss study read "mean loss given
default" where a field says default rate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from barograph.core.arrays import FloatArray
from barograph.core.results import Score, Standing
from barograph.core.scored import LeakFinding, Protocol
from barograph.evaluate.records.fairness import FairnessRow
from barograph.evaluate.records.grades import GradeRow
from barograph.evaluate.records.stability import Stability
from barograph.evaluate.records.thresholds import ThresholdRow
from barograph.evaluate.records.vintages import VintageCurve
from barograph.evaluate.report.scoring.alerts_content import AlertsContent
from barograph.evaluate.report.scoring.falls_content import FallsContent
from barograph.evaluate.report.scoring.practice import Applicant, Portfolio, Scorecard
from barograph.evaluate.report.study_content import SeedSpread, StudyContent, StudyFacts

Target = Literal["default", "loss"]


@dataclass(frozen=True, slots=True)
class TestBlock:
    """One scored block of a protocol: a test vintage, a retrospective test, a repetition."""

    __test__ = False  # not a pytest class

    name: str  # see `records.plan.block_name`; so are `Score.entity` and `ScoreDifference.block` here
    trained: int  # records its models were fitted on
    records: int  # records scored
    outcome: float  # observed default rate
    cut: str = ""  # ISO date, last day known to its models; empty without time


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """A model's score less an opponent's, with its 95 % interval and its test."""

    model: str
    opponent: str
    metric: str  # "auc" for a default study, "average_precision" for alerts, "r2" for a loss study
    difference: float
    lower: float | None  # 95 % interval; None where the test gives none
    upper: float | None
    test: str  # such as "delong", "corrected_cv"
    statistic: float | None
    p_value: float | None
    standing: Standing
    block: str = ""  # name of a block; "" = all records, "development" or "confirmation" = those blocks
    note: str = ""  # why statistic or p-value are missing


@dataclass(frozen=True, slots=True, eq=False)
class RocCurve:
    """Share of bads above each threshold against the share of goods above it."""

    model: str
    false_positive: FloatArray  # [n] ascending, 0 to 1
    true_positive: FloatArray  # [n] ascending, 0 to 1


@dataclass(frozen=True, slots=True, eq=False)
class LossCapture:
    """Loss captured when the records with the largest predicted loss are taken first."""

    model: str
    share: FloatArray  # [n] share of the records, ascending, 0 to 1
    captured: FloatArray  # [n] share of the loss


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationBins:
    """Mean prediction and observed mean, in bins of equal count, ascending."""

    model: str
    predicted: FloatArray  # [n_bins]
    observed: FloatArray  # [n_bins]
    lower: FloatArray  # [n_bins] 95 % interval of the observed mean
    upper: FloatArray  # [n_bins]


@dataclass(frozen=True, slots=True)
class CalibrationSummary:
    """Predicted against observed, the parts of the Brier score, and Hosmer-Lemeshow."""

    model: str
    predicted: float
    observed: float
    reliability: float | None = None  # Murphy: Brier = reliability - resolution + uncertainty + within
    resolution: float | None = None
    uncertainty: float | None = None
    within: float | None = None  # variance less covariance inside the groups; 0 for grades
    hosmer_lemeshow: float | None = None  # statistic
    p_value: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ScoreDistribution:
    """Shares of goods and bads in bins of the prediction."""

    model: str
    edges: FloatArray  # [n_bins + 1] ascending probabilities
    goods: FloatArray  # [n_bins] sums to one
    bads: FloatArray  # [n_bins] sums to one


@dataclass(frozen=True, slots=True, eq=False)
class LossScatter:
    """Predicted and observed loss given default of some records, taken evenly over the data."""

    model: str
    predicted: FloatArray  # [n]
    observed: FloatArray  # [n]


@dataclass(frozen=True, slots=True, eq=False)
class ProtocolResults:
    """What evaluation found under one protocol. Empty parts are left out of the report."""

    protocol: Protocol
    blocks: tuple[TestBlock, ...]
    records: int  # scored, all blocks
    outcome: float  # observed default rate of all of them
    scores: tuple[Score, ...]  # `entity` "" = pooled, else the name of a block
    differences: tuple[ScoreDifference, ...] = ()
    threshold: float | None = None  # of accuracy, precision, recall and F1
    thresholds: tuple[ThresholdRow, ...] = ()  # of the champion, ascending
    roc: tuple[RocCurve, ...] = ()
    distribution: ScoreDistribution | None = None
    predicted: dict[str, FloatArray] = field(default_factory=dict)  # model -> mean prediction [n_blocks]
    calibration: tuple[CalibrationSummary, ...] = ()
    bins: tuple[CalibrationBins, ...] = ()
    seeds: tuple[SeedSpread, ...] = ()
    capture: tuple[LossCapture, ...] = ()
    scatter: LossScatter | None = None


@dataclass(frozen=True, slots=True)
class GradeTable:
    """A model's master scale beside what its grades came to."""

    model: str
    rows: tuple[GradeRow, ...]


@dataclass(frozen=True, slots=True)
class ColumnFact:
    """A column the models read."""

    name: str
    kind: Literal["numeric", "date", "categorical", "sequence"]
    missing: float  # share of the records
    levels: int | None = None  # distinct values of a categorical column


@dataclass(frozen=True, slots=True)
class TuningFact:
    """What searching the settings of one model took, and what was chosen."""

    model: str
    trials: int
    seconds: float
    loss: float  # of the best trial, on validation data before the first scored block
    settings: dict[str, float | int | str]


@dataclass(frozen=True, slots=True)
class BlendWeight:
    """Weight of a model's logit in the combination, in one fold; model "" is the intercept."""

    fold: str  # name of the block the fold scores
    model: str
    weight: float


@dataclass(frozen=True, slots=True)
class CalibratorFact:
    """How a model's probabilities were calibrated in one fold."""

    fold: str  # name of the block the fold scores
    model: str
    method: str  # "platt", "beta", "isotonic", "shift", "none"
    records: int  # calibrated on
    parameters: str  # such as "a = 0.94, b = 1.02, c = 0.31"


@dataclass(frozen=True, slots=True)
class ScoringFacts(StudyFacts):
    """What only the run itself knows of a scoring study."""

    tuning: tuple[TuningFact, ...] = ()
    weights: tuple[BlendWeight, ...] = ()
    calibrators: tuple[CalibratorFact, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ScoringContent(StudyContent):
    """Everything a report of the scoring engine prints; read by `render`.

    `reference` is the best baseline of the headline protocol, `claims` are those of all protocols.
    """

    facts: ScoringFacts
    target: Target
    event: str  # what counts as bad, or what the loss is: one sentence
    protocols: tuple[ProtocolResults, ...]  # the headline first
    claim_protocols: dict[str, Protocol]  # key of a claim -> protocol on which it was judged
    development: tuple[str, ...]  # names of the blocks on which the recipe was chosen
    columns: tuple[ColumnFact, ...]
    reading: tuple[str, ...] = ()  # what was assumed while reading, one sentence each
    leaks: tuple[LeakFinding, ...] = ()
    grades: GradeTable | None = None
    stability: Stability | None = None
    unlike: tuple[float, ...] = ()  # per block of `stability`: share that the anomaly score flags; () without
    vintages: tuple[VintageCurve, ...] = ()
    portfolio: Portfolio | None = None
    scorecard: Scorecard | None = None
    applicants: tuple[Applicant, ...] = ()
    fairness: tuple[FairnessRow, ...] = ()
    alerts: AlertsContent | None = None  # of a study judged by its alerts, which gets their edition
    falls: FallsContent | None = None  # of a study of the falls of currencies, which gets theirs

    @property
    def headline(self) -> ProtocolResults:
        """The protocol that the verdict rests on."""
        return self.protocols[0]

    @property
    def metric(self) -> str:
        """The study's first score: AUC, of alerts average precision, of a loss study R²."""
        if self.alerts is not None:
            return "average_precision"
        return "auc" if self.target == "default" else "r2"
