"""A study of one series in levels: a rate, a yield, an index – known late, forecast with its density."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from barograph.core.section import Budget, FileSection, OptimiserSection, Section, StudyBase

Scale = Literal["logit", "log", "level"]
"""How a target is worked on: log-odds of a share, logarithm of a positive level, or the level itself."""


class SeriesSection(FileSection):
    """Step 1: which series."""

    source: str = "sba-default-rate"
    """Key of a packaged source, or the path of a file."""
    target: str | None = None
    """Own files: the column to forecast."""
    time: str | None = None
    """Own files: column of a day inside each period; periods are months or quarters, none left out."""
    size: str | None = None
    """Own files, shares only: column of the count behind each share."""
    estimates: dict[str, int] = Field(default_factory=dict)
    """Own files: column in the target's own unit -> periods after its own until it is known."""
    exogenous: dict[str, int] = Field(default_factory=dict)
    """Own files: any other column -> periods after its own until it is known."""
    delay: int = Field(8, ge=0, le=60)
    """Periods after its own until a target is known. Packaged loans: charged off within 3 × delay months."""
    macro: bool = True
    """Packaged loans: whether yield curve and macro series, with their lags, are inputs."""
    since: str | None = None
    """First day, ISO."""
    until: str | None = None
    """Last day, ISO."""


class LevelsSection(Section):
    """Step 2: what the models see."""

    horizons: tuple[int, ...] = (-4, 1)
    """Periods from the origin's to the forecast one: 1 begins next, 0 has just ended, -4 ended four ago."""
    scale: Scale = "logit"
    """Scale of models and densities."""
    floor: float = Field(1e-4, gt=0, lt=0.5)
    """Shares without a count are kept this far from 0 and 1 before their log-odds are taken."""
    lags: int = Field(4, ge=1, le=24)
    """Known values of the target, newest first, among the inputs."""
    window: int = Field(8, ge=2, le=60)
    """Periods a sequence network sees."""
    limit: float = Field(6.0, gt=0)
    """Standardised inputs are clipped to ± this many standard deviations."""
    anchor: str = ""
    """Where the linear control starts: the column of an estimate, or empty for the last known value."""


class LevelModelSection(Section):
    """Step 3: which networks, beside which baselines."""

    networks: tuple[str, ...] = ("mlp",)
    """Catalogue keys of `barograph.models`; the linear control always runs."""
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Per network: its own settings, such as `rnn: {hidden: 8}`."""
    baselines: tuple[str, ...] = ("random_walk", "ar", "arx")
    """Catalogue keys of `barograph.models.baselines.levels`."""


class LevelTrainSection(OptimiserSection):
    """Step 4: how they are fitted. Linear models are refitted, and choose their ridge, at every origin."""

    refit_every: int = Field(4, ge=1)
    """Periods between refits of the networks."""
    validation_share: float = Field(0.25, gt=0, lt=0.9)
    """The last part of a training window, kept for early stopping."""
    penalties: tuple[float, ...] = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
    """Ridge penalties tried, ascending; the one with the smallest past errors is used."""
    least_errors: int = Field(8, ge=4)
    """Past errors of its own that a model needs before it states a deviation."""


class LevelClaim(Section):
    """A rule stated before results are seen."""

    key: str
    """Short name, unique in the study."""
    rung: Literal["floor", "target", "moonshot"]
    """How much it promises."""
    kind: Literal["better", "not_worse"]
    """Better, or not worse, by a Diebold-Mariano test."""
    model: str = "combination"
    """Who claims; `network` means the first network named in the study."""
    opponent: str = "ar"
    """Against whom."""
    metric: Literal["crps", "log_score", "absolute_error", "squared_error"] = "crps"
    """The loss compared."""
    horizon: int = 1
    """Which horizon."""
    p_value: float = 0.05
    """Largest p-value at which a difference counts."""


class LevelJudgeSection(Section):
    """Step 5: how they are judged."""

    test_since: str | None = None
    """First origin scored, ISO; empty scores the last 45 % of the periods."""
    headline: int = 1
    """Horizon of the verdict and of the report's charts."""
    development_until: str | None = None
    """Origins up to this day chose the recipe; empty says that none did."""
    claims: tuple[LevelClaim, ...] = ()
    """What the study promises."""


class LevelShipSection(Section):
    """Step 6: what is shipped."""

    champion: str = "auto"
    """`auto`: the recipe's candidate if its floor holds, else the best baseline; or a model's name."""
    candidate: str = "combination"
    """The model put forward before results are seen."""
    policy: str = "general"
    """Policy pack of the report."""


class LevelStudy(StudyBase):
    """One risk question on one series in levels, with a section per step."""

    engine: Literal["levels"] = "levels"
    """The level branch of forecasting: a slow series in, densities of its coming values out."""
    budget: Budget = "standard"
    """Which of the recipe's budgets these settings came from."""
    collect: SeriesSection = SeriesSection()
    """Step 1: which series."""
    prepare: LevelsSection = LevelsSection()
    """Step 2: what the models see."""
    model: LevelModelSection = LevelModelSection()
    """Step 3: which networks, beside which baselines."""
    train: LevelTrainSection = LevelTrainSection()
    """Step 4: how they are fitted."""
    evaluate: LevelJudgeSection = LevelJudgeSection()
    """Step 5: how they are judged."""
    deploy: LevelShipSection = LevelShipSection()
    """Step 6: what is shipped."""
