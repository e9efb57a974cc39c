"""A forecasting study's settings: one frozen section per step, the same in a recipe, YAML and Python.

A recipe (in `risks/`) is a `Study` value; a YAML file holds the same keys. Unknown keys are refused.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from barograph.core.section import Budget, FileSection, Section, StackedSection, StudyBase


class CollectSection(FileSection):
    """Step 1: which data."""

    source: str = "market-samples"
    """Key of a packaged source, or the path of a file."""
    quotes: Literal["prices", "fixings"] = "prices"
    """`fixings`: currency rates; series that stopped, came too late or never move leave with a note."""
    entities: tuple[str, ...] = ()
    """Series to keep; empty keeps all."""
    since: str | None = None
    """First day, ISO."""
    until: str | None = None
    """Last day, ISO."""
    columns: dict[str, str] = Field(default_factory=dict)
    """Own files: canonical column name -> the file's name for it (keys: time, entity, close, open …)."""


class PrepareSection(Section):
    """Step 2: what the models see."""

    horizons: tuple[int, ...] = (1, 5, 22)
    """Trading days ahead."""
    window: int = Field(22, ge=5, le=260)
    """Days a sequence network sees."""
    limit: float = Field(6.0, gt=0)
    """Standardised inputs are clipped to ± this many standard deviations."""
    inputs: Literal["prices", "currencies"] = "prices"
    """`currencies`: no ranges; instead the common factor, each rate's share in it, and whether it is held."""
    anchor: str = ""
    """Currencies: the rate whose distance to the others is the factor, and to which others may be pegged."""
    held_below: float = Field(0.0005, ge=0)
    """Currencies: a rate is held (peg, floor) if its mean absolute daily move of 22 or 66 days is smaller."""
    announced: dict[str, tuple[tuple[str, str], ...]] = Field(default_factory=dict)
    """Currencies: announced pegs and floors, rate -> pairs of first day and last ("" where none is known)."""


class ModelSection(Section):
    """Step 3: which networks, beside which baselines."""

    networks: tuple[str, ...] = ("mlp", "rnn")
    """Catalogue keys of `barograph.models`; the linear control always runs."""
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Per network: its own settings, such as `rnn: {hidden: 16}`."""
    head: Literal["qlike", "student_t", "quantile", "fz0"] = "qlike"
    """Loss and raw output of the networks."""
    baselines: tuple[str, ...] = (
        "gjr_garch_t",
        "garch_t",
        "ewma",
        "har",
        "historical",
        "filtered_historical",
    )
    """Catalogue keys of `barograph.models.baselines`."""


class TrainSection(StackedSection):
    """Step 4: how they are fitted."""

    refit_every: int = Field(63, ge=1)
    """Trading days between refits of the networks."""
    baseline_refit_every: int = Field(63, ge=1)
    """Trading days between refits of the baselines; never more than `refit_every`."""
    validation_days: int = Field(252, ge=20)
    """The last days of a training window, kept for early stopping."""
    join_days: int = Field(500, ge=500)
    """Daily returns a series must have at a cut to join its models and to be scored."""
    tail_days: int = Field(1000, ge=250)
    """Standardised residuals (days) behind a tail."""
    tail_half_life: float = Field(500.0, gt=0)
    """Days after which a residual behind a tail counts half."""
    conformal_rate: float = Field(0.02, ge=0, le=0.5)
    """Rate of the time-ordered conformal multiplier; 0 switches it off."""


class Claim(Section):
    """A rule stated before results are seen."""

    key: str
    """Short name, unique in the study."""
    rung: Literal["floor", "target", "moonshot"]
    """How much it promises."""
    kind: Literal[
        "never_worse",
        "in_confidence_set",
        "panel_better",
        "share_better",
        "share_below",
        "share_holm",
        "backtests_pass",
    ]
    """The rule: see `evaluate.claims`."""
    model: str = "combination"
    """Who claims."""
    opponent: str = ""
    """Against whom; empty where the rule needs none."""
    metric: Literal["qlike", "fz0_1", "fz0_2.5", "crps"] = "qlike"
    """The loss compared (`fz0_1` = FZ0 at tail probability 1 %)."""
    horizon: int = 1
    """Trading days ahead."""
    p_value: float = 0.05
    """Largest p-value at which a difference counts; for a confidence set, its size (0.10 = the 90 % set)."""
    share: float = 1.0
    """Share of entities for which it must hold."""
    side: Literal["lower", "upper", "both"] = "lower"
    """For `backtests_pass`: losses of a long position (lower), of a short one (upper), or both."""


class EvaluateSection(Section):
    """Step 5: how they are judged."""

    test_since: str | None = "2015-01-01"
    """First origin scored; none: the last 45 % of the days are."""
    test_since_of: dict[str, str] = Field(default_factory=dict)
    """The same for single entities."""
    development: tuple[str, ...] = ("nasdaq", "sp500")
    """Entities on which the recipe was chosen; all others confirm."""
    event_quantile: float = Field(0.9, gt=0, lt=1)
    """Quantile of squared returns in the training window above which a day is an event."""
    claims: tuple[Claim, ...] = ()
    """What the study promises."""
    bootstrap: int = Field(500, ge=100)
    """Resamples of the model confidence set and of Monte-Carlo p-values."""


class DeploySection(Section):
    """Step 6: what is shipped."""

    champion: str = "auto"
    """`auto`: the recipe's candidate if its floor holds, else the best baseline; or a model's name."""
    candidate: str = "combination"
    """The model put forward before results are seen."""
    policy: str = "general"
    """Policy pack of the report: a data file with the headings a supervisor expects."""


class Study(StudyBase):
    """One risk question on one panel of series, with a section per step."""

    engine: Literal["forecasting"] = "forecasting"
    """Series in, predictive distributions out."""
    budget: Budget = "standard"
    """Which of the recipe's budgets these settings came from."""
    collect: CollectSection = CollectSection()
    """Step 1: which data."""
    prepare: PrepareSection = PrepareSection()
    """Step 2: what the models see."""
    model: ModelSection = ModelSection()
    """Step 3: which networks, beside which baselines."""
    train: TrainSection = TrainSection()
    """Step 4: how they are fitted."""
    evaluate: EvaluateSection = EvaluateSection()
    """Step 5: how they are judged."""
    deploy: DeploySection = DeploySection()
    """Step 6: what is shipped."""
