"""What evaluation says: scores, tests, claims, verdicts; plain enough for JSON and for the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Standing = Literal["better", "indistinguishable", "worse"]


@dataclass(frozen=True, slots=True)
class Score:
    """One cell of the score table; `value` None means blank, with the reason in `note`."""

    model: str
    metric: str
    value: float | None
    horizon: int = 1
    entity: str = ""  # "" = mean over entities
    sd: float | None = None  # standard deviation over seeds
    note: str = ""


@dataclass(frozen=True, slots=True)
class TestResult:
    """A statistic and its p-value; NaN with a note where the test is undefined on this sample."""

    __test__ = False  # not a pytest class

    name: str
    statistic: float
    p_value: float
    n_obs: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One model against one opponent, per entity ("" = pooled) and horizon; negative difference = better."""

    model: str
    opponent: str
    metric: str
    horizon: int
    entity: str
    difference: float
    test: TestResult
    standing: Standing
    block: str = "all"  # "development", "confirmation" or "all"


@dataclass(frozen=True, slots=True)
class BackTest:
    """One regulator's test of one model's VaR or ES on one entity; `passed` None = not testable here."""

    model: str
    entity: str
    side: Literal["lower", "upper"]
    alpha: float
    exceptions: int
    test: TestResult
    passed: bool | None


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """A claim declared in the recipe, and what came of it."""

    claim: str  # key of the claim, such as "floor"
    rung: Literal["floor", "target", "moonshot"]
    model: str
    opponent: str
    metric: str
    difference: float | None
    test: str
    statistic: float | None
    p_value: float | None
    verdict: Standing
    held: bool
    block: str
    detail: str  # one sentence: what was asked and what was found


@dataclass(frozen=True, slots=True)
class Verdict:
    """The study's overall answer."""

    standing: Standing
    champion: str
    sentence: str


@dataclass(frozen=True, slots=True)
class SeparateFigure:
    """One figure of the shipped model on a separate test file, with its 95 % interval."""

    metric: str
    value: float | None
    lower: float | None
    upper: float | None
    n: int  # records, or outcomes
    horizon: int = 0  # periods ahead; 0 for records


@dataclass(frozen=True, slots=True)
class SeparateTest:
    """What the shipped model says to a file that nothing was fitted on."""

    source: str
    rows: int  # as read
    scored: int  # records with a figure, or forecasts
    labelled: int  # of them with a known outcome
    figures: tuple[SeparateFigure, ...]
    predictions: str  # file in the run's folder
    notes: tuple[str, ...] = ()
