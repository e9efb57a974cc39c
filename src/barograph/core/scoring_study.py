"""A scoring study's settings: records in, calibrated probabilities (or losses given default) out."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from barograph.core.record_sections import EventsSection, FixingsSection, JoinSection
from barograph.core.section import Budget, FileSection, Section, StackedSection, StudyBase


class RecordsSection(FileSection):
    """Step 1: which records."""

    source: str = "sba-loans"
    """Key of a packaged source, or the path of a file."""
    target: str | None = None
    """Own files: the column to predict."""
    positive: str | None = None
    """Own files: the value of the target that means bad, any other good; found out where it is clear."""
    unlabelled: Literal["auto", "leave out", "refuse"] = "auto"
    """Own files: what becomes of rows without a target; `auto` leaves up to a fifth out, and says so."""
    time: str | None = None
    """Own files: column of the day a record was made; none splits at random."""
    entity: str | None = None
    """Own files: column of the customer; records of one customer stay together."""
    record_id: str | None = None
    """Own files: column that names the record."""
    amount: str | None = None
    """Own files: column of the exposure at default; stays a feature too."""
    lgd: str | None = None
    """Own files: column of the loss given default, a share of the exposure; never a feature."""
    maturity: str | None = None
    """Own files: column of the years a loan still runs; stays a feature too."""
    arrears: str | None = None
    """Own files: column of the days past due when a portfolio is reported; never a feature."""
    pd_origination: str | None = None
    """Own files: column of the one-year probability of default when a loan was made; never a feature."""
    default_day: str | None = None
    """Own files with a time: column of the day of default, empty without one; never a feature."""
    known_after: int = Field(0, ge=0)
    """Own files with a time: months until a label is known, whatever it is."""
    block_hours: int = Field(0, ge=0)
    """Streams: hours of a block, which plays the part of a vintage, counted from the first midnight. The time
    is then an instant, or seconds since the stream began; 0: the time is a day, and years are vintages."""
    stream: tuple[str, ...] = ()
    """Own streams: columns of which networks of histories read the last values of the whole stream."""
    stream_steps: int = Field(20, ge=0, le=100)
    """Streams: how many records back they read, the scored one included."""
    kept: float = Field(1.0, gt=0, le=1)
    """Own files: share of the good records that the table kept, by chance; weights undo it."""
    sequence: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Own files: name of a history -> its columns, oldest first; they stay features too."""
    deny: dict[str, str] = Field(default_factory=dict)
    """Columns that must never be a feature -> why."""
    ignore: tuple[str, ...] = ()
    """Columns to leave out."""
    counterparty: str | None = None
    """Own events: column of where the money goes (terminal, merchant, account that receives)."""
    pattern: str | None = None
    """Own events: column that names the kind of each fraud (scenario, scheme); never a feature."""
    label_days: int = Field(7, ge=0)
    """Own events: days until it is known whether one was a fraud, if no column says so."""
    protected: tuple[str, ...] = ()
    """Columns for the fairness table; never a feature."""
    join: tuple[JoinSection, ...] = ()
    """Own files with a time: tables whose values join each record as they were known before it. Keys: source,
    time, known, delay, by, columns, prefix, same_moment."""
    since: str | None = None
    """First day of approval, ISO."""
    until: str | None = None
    """Last day of approval, ISO."""
    outcome_months: int = Field(36, ge=1)
    """Months of the outcome that the probability speaks of. Packaged loans: charged off within so many of
    approval, and known that long after."""
    share: float = Field(1.0, gt=0, le=1)
    """Share of the records kept, drawn per vintage and label with the study's seed."""
    in_memory: int = Field(0, ge=0)
    """Own Parquet files: rows held in memory, drawn with the study's seed, customers whole. Of a larger file
    networks train on the other rows as well, read from disk; all else rests on those held. 0 holds all."""


class EncodeSection(Section):
    """Step 2: what the models see."""

    events: EventsSection | None = None
    """How events become records; none where the source holds records."""
    fixings: FixingsSection | None = None
    """How currency fixings become records; none where the source holds records."""

    bins: int = Field(8, ge=2, le=64)
    """Piecewise-linear bins of a numeric column, at quantiles of the training window."""
    tails: tuple[float, ...] = ()
    """Further quantiles at which bins end, such as [0.95, 0.99]: where the rare is what matters."""
    specials: tuple[float, ...] = ()
    """Codes in numeric columns that are no amounts, such as [-99, 999]: each has a bin of the scorecard."""
    least_category: int = Field(30, ge=1)
    """Training records a category needs for a column of its own."""
    most_categories: int = Field(64, ge=1)
    """Categories of a column that get one, the most frequent first."""
    limit: float = Field(6.0, gt=0)
    """Standardised columns and steps of a history are clipped to ± this many standard deviations."""
    history_months: int = Field(24, ge=0, le=120)
    """Months of constructed history: what had happened in the groups of `history_by`; 0 for none."""
    history_by: tuple[str, ...] = ()
    """Categorical columns whose groups have a history; empty for none."""
    summaries: bool = False
    """Whether the last step of the groups' histories also joins the columns that every model sees."""
    macro: bool = True
    """Whether yield curve and macro series, with their lags, join the constructed history."""


class ScorersSection(Section):
    """Step 3: which networks, beside which baselines."""

    networks: tuple[str, ...] = ("tabm",)
    """Catalogue keys of `barograph.models.scorers`; the linear control always runs."""
    start: Literal["control", "mean"] = "control"
    """What networks correct from zero: the linear control, or the mean of the training labels, where a
    control fitted to the same rows leaves too little of what it has learnt."""
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Per network: its own settings, such as `tabm: {k: 16}`."""
    head: Literal["bernoulli", "hurdle_beta"] = "bernoulli"
    """Probability of a bad outcome, or loss given default."""
    hazard: str = ""
    """Network that also runs with a discrete-time hazard head, on loans still running too; empty for none."""
    offset: str = ""
    """Column of log-odds at which the networks start; empty starts them at the linear control."""
    baselines: tuple[str, ...] = ("scorecard", "logistic", "lightgbm")
    """Catalogue keys of `barograph.models.baselines.scoring`."""
    calibration: Literal["platt", "beta", "isotonic", "none"] = "beta"
    """Map from raw to calibrated probability, the same for networks and baselines."""
    experience: bool = True
    """At an origin, networks and combinations also move to the default rate that loans still running show."""
    unsupervised: tuple[str, ...] = ()
    """Studies of alerts: models beside that never see a label: autoencoder, vae; isolation_forest, ecod, pca,
    knn."""
    anomaly_feature: str = ""
    """Studies of alerts: the model without labels whose score networks and linear control read as a feature;
    the first network also runs without it. Empty for none."""
    anomaly_members: int = Field(10, ge=1)
    """Networks behind the score of an unsupervised autoencoder or vae, the mean of their ranks."""


class FitSection(StackedSection):
    """Step 4: how they are fitted."""

    seeds: int = Field(3, ge=1)
    """Members per fold, bag part and network."""
    patience: int = Field(6, ge=1)
    """Looks without a better validation loss before a member stops."""
    bag: int = Field(1, ge=1)
    """Parts of the bag; 1 holds out half of the last matured vintage (without time a fifth of all)."""
    trials: int = Field(8, ge=1)
    """Settings tried for each tuned model alike, before the first scored block."""
    tuned: tuple[str, ...] = ("tabm", "lightgbm")
    """Models whose settings are searched."""


class ScoringClaim(Section):
    """A rule stated before results are seen."""

    key: str
    """Short name, unique in the study."""
    rung: Literal["floor", "target", "moonshot"]
    """How much it promises."""
    kind: Literal[
        "better", "not_worse", "within_margin", "best_of_all", "better_calibrated", "at_least", "times_better"
    ]
    """The rule: see `evaluate.records.rules`."""
    model: str
    """Who claims; `network` means the best-placed network named first in the study."""
    opponent: str = ""
    """Against whom; empty where the rule needs none; `unsupervised_rival` is the best of those rivals."""
    metric: Literal["auc", "average_precision", "brier", "log_loss", "r2", "mae", "spearman"] = "auc"
    """The score compared."""
    protocol: Literal["origin", "retrospective", "cross_validation"] = "origin"
    """Protocol on which it is judged."""
    block: str = ""
    """One block of the protocol, such as a test's years 2004-2005; empty pools all."""
    p_value: float = 0.05
    """Largest p-value at which a difference counts."""
    margin: float = 0.0
    """`better`: least difference. `within_margin`: how far below the opponent the interval may reach.
    `at_least`: the value to reach. `times_better`: how many times the opponent's figure."""


class AlertsSection(Section):
    """What an alert costs and brings; a study that has this section is judged by its alerts."""

    cards_per_day: int = Field(100, ge=1)
    """Customers that can be looked into on a day."""
    alert_rate: float = Field(0.01, gt=0, lt=1)
    """Share of events for which recall is given."""
    budgets: tuple[int, ...] = (25, 50, 100, 200)
    """Alerts a day of the planner's rows."""
    review: float = Field(5.0, ge=0)
    """Cost of looking into one alert, money units."""
    recovered: float = Field(0.8, ge=0, le=1)
    """Share of a fraud's amount that an alert saves."""
    friction: float = Field(1.0, ge=0)
    """Cost of an alert on a legitimate event beyond the review: a customer kept waiting."""


class JudgeSection(Section):
    """Step 5: how they are judged."""

    protocols: tuple[Literal["origin", "retrospective", "cross_validation"], ...] = ("origin",)
    """The headline first. Records without time are cross-validated whatever is said here."""
    train_since: int = 0
    """First vintage that may train; 0 for all."""
    train_blocks: int = Field(0, ge=0)
    """At an origin, how many of the newest matured vintages train; 0 for all."""
    hold_out: Literal["half", "vintage", "vintages"] = "half"
    """At an origin without a bag: half the customers of the last matured vintage, all of it, or the last two
    vintages, with only such records to fit on whose labels were known before."""
    remove_known: bool = False
    """Whether a customer found bad is left out of the test from the day on which that is known."""
    origins: tuple[int, ...] = ()
    """Test vintages of the walk-forward; empty takes the last two fifths of the vintages."""
    retrospective: tuple[tuple[int, int, int, int], ...] = ()
    """Retrospective tests: first and last vintage of training, first and last of the test."""
    folds: int = Field(3, ge=2)
    """Folds of a cross-validation."""
    repeats: int = Field(3, ge=1)
    """Repetitions of the cross-validation."""
    threshold: float | None = Field(None, gt=0, lt=1)
    """Probability above which a record is called bad; empty takes the training share of bads."""
    leak_alone: float = Field(0.90, gt=0.5, le=1)
    """The alarm warns of a column whose AUC alone is above this."""
    leak_removal: float = Field(0.10, gt=0, le=1)
    """The alarm warns of a column whose removal costs more AUC than this."""
    alerts: AlertsSection | None = None
    """Of a study whose figure raises alerts; none for the figures of credit."""
    claims: tuple[ScoringClaim, ...] = ()
    """What the study promises."""
    development: tuple[int, ...] = ()
    """Vintages that chose the recipe; all others confirm."""
    bootstrap: int = Field(500, ge=100)
    """Resamples behind intervals that have no formula."""


class ShipSection(Section):
    """Step 6: what is shipped, and what the figures of credit assume."""

    champion: str = "auto"
    """`auto`: the recipe's candidate if its floor holds, else the best baseline; or a model's name."""
    candidate: str = "combination"
    """The model put forward before results are seen."""
    policy: str = "credit"
    """Policy pack of the report."""
    grades: int = Field(10, ge=3, le=25)
    """Grades of the master scale."""
    reference_records: int = Field(64, ge=4, le=64)
    """Records behind the reason codes."""
    asset_class: Literal["corporate", "sme", "mortgage", "revolving", "other_retail"] = "sme"
    """IRB asset class of the capital figures."""
    lgd: float = Field(0.45, gt=0, le=1)
    """Assumed loss given default where no column says so."""
    maturity: float = Field(2.5, ge=1, le=5)
    """Assumed effective maturity, years, where no column says so."""
    lifetime: float = Field(5.0, ge=1, le=30)
    """Assumed remaining life of a loan, years (IFRS 9)."""
    rate: float = Field(0.05, ge=0, le=1)
    """Assumed effective interest rate (IFRS 9 discounting)."""
    turnover: float = Field(5.0, gt=0)
    """Assumed annual sales, EUR million (SME correlation)."""
    approve_below: float | None = Field(None, gt=0, lt=1)
    """Probability below which an applicant is approved; empty takes the training share of bads."""


class ScoringStudy(StudyBase):
    """One risk question on one table of records, with a section per step."""

    engine: Literal["scoring"] = "scoring"
    """Records in, calibrated probabilities out."""
    budget: Budget = "standard"
    """Which of the recipe's budgets these settings came from."""
    collect: RecordsSection = RecordsSection()
    """Step 1: which records."""
    prepare: EncodeSection = EncodeSection()
    """Step 2: what the models see."""
    model: ScorersSection = ScorersSection()
    """Step 3: which networks, beside which baselines."""
    train: FitSection = FitSection()
    """Step 4: how they are fitted."""
    evaluate: JudgeSection = JudgeSection()
    """Step 5: how they are judged."""
    deploy: ShipSection = ShipSection()
    """Step 6: what is shipped, and what the figures of credit assume."""
