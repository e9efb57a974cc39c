"""A study of a panel of levels, tenors of yield curves or macro series, whose changes are forecast."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from barograph.core.section import Budget, FileSection, Section, StackedSection, StudyBase

Frequency = Literal["days", "months", "quarters"]
"""Length of a period of a panel; days are the days its source has."""

HORIZONS: dict[Frequency, tuple[int, ...]] = {
    "days": (1, 5, 22),
    "months": (1, 3, 6, 12),
    "quarters": (1, 2, 4, 8),
}
"""Periods ahead that are forecast where a study names none."""


class PanelSection(FileSection):
    """Step 1: which series."""

    source: str = "us-treasury"
    """Key of a packaged source, or the path of a file."""
    kind: Literal["curve", "macro"] = "curve"
    """What the columns of an own file are: yields of one or more curves, or series of an economy."""
    frequency: Literal["auto", "days", "months", "quarters"] = "auto"
    """Periods to work on, by the last value of each month or quarter; `auto` keeps those of the source."""
    time: str | None = None
    """Own files: column of the day (the first column of days if not named)."""
    day_order: Literal["", "day first", "month first", "serial"] = ""
    """Own files: what 03/05/2020 means, or days as Excel counts them; empty where the column shows it."""
    entity: str | None = None
    """Own files: column of country or currency, for several curves in one file."""
    ignore: tuple[str, ...] = ()
    """Own files: columns to leave out."""
    series: tuple[str, ...] = ()
    """Series to keep, by column or tenor (such as `y10`); empty keeps all."""
    unit: Literal["auto", "percent", "decimal"] = "auto"
    """Own curves: unit of the yields; `auto` decides by their size and says so."""
    delays: dict[str, int] = Field(default_factory=dict)
    """Series -> periods after its own until a value is published; 0 where not named."""
    codes: dict[str, int] = Field(default_factory=dict)
    """Macro: series -> FRED-MD transformation code, 1 to 7; a file's own row of codes is read too."""
    since: str | None = None
    """First day, ISO."""
    until: str | None = None
    """Last day, ISO."""


class PanelInputsSection(Section):
    """Step 2: what the models see."""

    horizons: tuple[int, ...] = ()
    """Periods ahead; empty takes 1, 5, 22 days, or 1, 3, 6, 12 months, or 1, 2, 4, 8 quarters."""
    window: int = Field(22, ge=2, le=260)
    """Periods a sequence network sees."""
    limit: float = Field(5.0, gt=0)
    """Standardised inputs are clipped to ± this many standard deviations."""
    stale: int = Field(5, ge=0)
    """A value stands in for missing ones for so many days at most; of months and quarters for one period."""
    half_life: float = Field(22.0, gt=0)
    """Periods after which a squared change counts half in the variance that scales changes."""
    factor_decay: float = Field(0.0609, gt=0)
    """Nelson-Siegel decay of curves, per month of tenor."""


class PanelModelSection(Section):
    """Step 3: which networks, beside which baselines."""

    networks: tuple[str, ...] = ("mlp",)
    """Catalogue keys of `barograph.models`; the linear control always runs."""
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Per network: its own settings, such as `rnn: {hidden: 16}`."""
    head: Literal["student", "gaussian", "huber"] = "student"
    """Networks learn shift and scale of a change (student, gaussian), or its shift alone (huber)."""
    start: str = "random_walk"
    """The baseline whose forecast the control and the networks correct from zero."""
    baselines: tuple[str, ...] = ("random_walk", "random_walk_garch", "dns_ar", "ar")
    """Catalogue keys of `barograph.models.baselines.panels`."""


class PanelTrainSection(StackedSection):
    """Step 4: how they are fitted. Networks, control and baselines are refitted on the same days."""

    refit_months: int = Field(12, ge=1)
    """Months between refits."""
    calibration_months: int = Field(60, ge=0)
    """Months before the first scored origin in which all models already forecast out of sample."""
    validation_share: float = Field(0.2, gt=0, lt=0.9)
    """The last part of a training window, kept for early stopping."""
    stride: int = Field(1, ge=1)
    """Networks learn from every so many-th day; of months and quarters from all."""
    shrink_limit: float = Field(0.5, ge=0, le=1)
    """Largest weight of a correction of the start; chosen on errors known at each refit."""
    penalties: tuple[float, ...] = (0.001, 0.01, 0.1, 1.0, 10.0)
    """Ridge penalties of the linear control, ascending; chosen on the validation rows."""
    tail_half_life: float = Field(1000.0, gt=0)
    """Origins after which a standardised error behind a tail counts half."""


class PanelClaim(Section):
    """A rule stated before results are seen, about cells: series × horizon."""

    key: str
    """Short name, unique in the study."""
    rung: Literal["floor", "target", "moonshot"]
    """How much it promises."""
    kind: Literal["never_worse", "better", "ratio", "mean_ratio", "ratio_tested"]
    """The rule: see `evaluate.panels.claims`."""
    model: str = "combination"
    """Who claims; `network` means the first network named in the study."""
    opponent: str = "random_walk"
    """Against whom."""
    metric: Literal["squared_error", "crps"] = "squared_error"
    """The loss compared; ratios of squared errors are those of their roots."""
    horizons: tuple[int, ...] = ()
    """Which horizons; empty means all."""
    bound: float = Field(1.0, gt=0)
    """Largest ratio of the model's loss to the opponent's."""
    share: float = Field(1.0, gt=0, le=1)
    """Share of the cells for which it must hold."""
    p_value: float = 0.05
    """Largest p-value at which a difference counts."""


class PanelJudgeSection(Section):
    """Step 5: how they are judged."""

    test_since: str | None = None
    """First origin scored, ISO; empty scores the last 55 % of the periods."""
    development_until: str | None = None
    """Origins up to this day chose the recipe; empty says that none did."""
    headline: int = 0
    """Horizon of the verdict; 0 takes the longest."""
    opponent: str = "random_walk"
    """The baseline that ratios are shown against, and that the verdict is about."""
    claims: tuple[PanelClaim, ...] = ()
    """What the study promises."""
    bootstrap: int = Field(500, ge=50)
    """Resamples behind the interval of a ratio."""


class PanelShipSection(Section):
    """Step 6: what is shipped."""

    champion: str = "auto"
    """`auto`: the recipe's candidate if its floor holds, else the best baseline; or a model's name."""
    candidate: str = "combination"
    """The model put forward before results are seen."""
    policy: str = "general"
    """Policy pack of the report."""


class PanelStudy(StudyBase):
    """One risk question on a panel of levels, with a section per step."""

    engine: Literal["panels"] = "panels"
    """The panel branch of forecasting: many levels in, densities of their coming changes out."""
    budget: Budget = "standard"
    """Which of the recipe's budgets these settings came from."""
    collect: PanelSection = PanelSection()
    """Step 1: which series."""
    prepare: PanelInputsSection = PanelInputsSection()
    """Step 2: what the models see."""
    model: PanelModelSection = PanelModelSection()
    """Step 3: which networks, beside which baselines."""
    train: PanelTrainSection = PanelTrainSection()
    """Step 4: how they are fitted."""
    evaluate: PanelJudgeSection = PanelJudgeSection()
    """Step 5: how they are judged."""
    deploy: PanelShipSection = PanelShipSection()
    """Step 6: what is shipped."""
