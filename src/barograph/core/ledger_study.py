"""A study of a loss ledger: how many losses a week, how large each, and what they sum to in a year."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from barograph.core.section import Budget, FileSection, OptimiserSection, Section, StudyBase

CountHead = Literal["negative_binomial", "poisson"]
"""What the networks' weekly counts are."""
LossMetric = Literal[
    "count_log_score", "count_crps", "severity_log_score", "severity_crps", "severity_tail_crps"
]
"""Losses that claims compare; the first word names the part of the ledger."""


class LedgerSection(FileSection):
    """Step 1: which ledger."""

    source: str = "danish-fire"
    """Key of a packaged source, or the path of a file with one row per loss."""
    target: str | None = None
    """Own files: column of the amount, above 0."""
    time: str | None = None
    """Own files: column of the day."""
    loss_id: str | None = None
    """Own files: column that names each loss; two rows of one name are refused."""
    threshold: float = Field(0.0, ge=0)
    """Reporting threshold: smaller losses are left out, as they are not all recorded."""
    unit: str = ""
    """Unit of the amounts, as the report prints it."""
    since: str | None = None
    """First day of complete records, ISO; empty: the first loss's."""
    until: str | None = None
    """Last day of complete records, ISO; empty: the last loss's."""
    seed: int = 0
    """Simulated ledger: which one."""
    years: int = Field(14, ge=4, le=200)
    """Simulated ledger: how long."""


class LedgerInputsSection(Section):
    """Step 2: what the models see."""

    window: int = Field(26, ge=4, le=156)
    """Weeks, and losses, that a sequence network sees."""
    tail_share: float = Field(0.10, gt=0.01, lt=0.5)
    """Share of the training losses beyond which the Pareto tail begins."""
    limit: float = Field(6.0, gt=0)
    """Standardised inputs are clipped to ± this many standard deviations."""
    ahead: int = Field(4, ge=1, le=26)
    """Weeks that the bundle forecasts."""


class LedgerModelSection(Section):
    """Step 3: which networks, beside which baselines."""

    networks: tuple[str, ...] = ("mlp",)
    """Catalogue keys of `barograph.models`; the linear control always runs. Each forecasts both parts."""
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Per network: its own settings, such as `rnn: {hidden: 8}`."""
    head: CountHead = "negative_binomial"
    """Distribution of the networks' weekly counts."""
    baselines: tuple[str, ...] = ("homogeneous", "poisson", "negative_binomial", "lognormal", "spliced")
    """Conventional models; networks start at negative_binomial (or poisson) and spliced."""
    anomaly: bool = True
    """Whether an autoencoder looks for anomalous weeks."""


class LedgerTrainSection(OptimiserSection):
    """Step 4: how they are fitted. Everything is refitted at the beginning of each held-out year."""

    validation_share: float = Field(0.25, gt=0, lt=0.9)
    """The last part of a training window, kept for early stopping."""
    anomaly_steps: int = Field(300, ge=1)
    """Optimiser steps of the autoencoder, at most."""


class LedgerClaim(Section):
    """A rule stated before results are seen."""

    key: str
    """Short name, unique in the study."""
    rung: Literal["floor", "target", "moonshot"]
    """How much it promises."""
    kind: Literal["better", "not_worse"]
    """Better, or not worse, by a Diebold-Mariano test over weeks or losses."""
    model: str = "network"
    """Who claims; `network` means the first network named in the study."""
    opponent: str = "negative_binomial"
    """Against whom."""
    metric: LossMetric = "count_log_score"
    """The loss compared."""
    p_value: float = 0.05
    """Largest p-value at which a difference counts."""


class LedgerJudgeSection(Section):
    """Step 5: how they are judged."""

    test_since: int | None = None
    """First held-out year; empty holds out the last 45 % of the years."""
    development_until: int | None = None
    """Held-out years up to this one chose the recipe; empty says that none did."""
    claims: tuple[LedgerClaim, ...] = ()
    """What the study promises."""


class AccountsYear(Section):
    """One year of accounts for the standardised approach (see `measures.losses.standardised.Accounts`)."""

    interest_income: float
    """Interest, leases among it."""
    interest_expense: float
    """Interest paid."""
    interest_earning_assets: float
    """At the year's end."""
    dividend_income: float
    """Dividends received."""
    other_income: float
    """Other operating income."""
    other_expense: float
    """Other operating expense, operational losses among it."""
    fee_income: float
    """Fees and commissions received."""
    fee_expense: float
    """Fees and commissions paid."""
    trading_result: float
    """Net profit or loss of the trading book."""
    banking_result: float
    """Net profit or loss of the banking book."""


class LedgerShipSection(Section):
    """Step 6: what is shipped."""

    champion: str = "auto"
    """`auto`: per part the candidate unless worse than the convention; or a pair such as `mlp+spliced`."""
    candidate: str = "network"
    """The model put forward before results are seen: the first network of the study, or its name."""
    policy: str = "general"
    """Policy pack of the report."""
    levels: tuple[float, ...] = (0.5, 0.9, 0.95, 0.99, 0.995, 0.999)
    """Levels of the yearly quantiles, ascending."""
    simulated_years: int = Field(100_000, ge=10_000)
    """Years of the Monte-Carlo check."""
    bootstrap: int = Field(200, ge=20)
    """Resamples behind the interval of the highest quantile."""
    accounts: tuple[AccountsYear, ...] = ()
    """Three years of accounts, in the ledger's money; without them no standardised capital."""
    billion: float = Field(1e9, gt=0)
    """Units of the ledger's money in a billion euro."""
    loss_threshold: float = Field(20_000.0, ge=0)
    """Smallest loss that counts for the standardised approach, in the ledger's money."""


class LedgerStudy(StudyBase):
    """One risk question on one loss ledger, with a section per step."""

    engine: Literal["ledgers"] = "ledgers"
    """The ledger branch of forecasting: losses in, weekly counts, severities and the year's total out."""
    budget: Budget = "standard"
    """Which of the recipe's budgets these settings came from."""
    collect: LedgerSection = LedgerSection()
    """Step 1: which ledger."""
    prepare: LedgerInputsSection = LedgerInputsSection()
    """Step 2: what the models see."""
    model: LedgerModelSection = LedgerModelSection()
    """Step 3: which networks, beside which baselines."""
    train: LedgerTrainSection = LedgerTrainSection()
    """Step 4: how they are fitted."""
    evaluate: LedgerJudgeSection = LedgerJudgeSection()
    """Step 5: how they are judged."""
    deploy: LedgerShipSection = LedgerShipSection()
    """Step 6: what is shipped."""
