"""The manifest: what a bundle is, what it was made from, and how its parts make the figure."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT = 1
"""Version of the bundle's layout; a reader refuses a later one."""


class Combine(BaseModel):
    """How the parts of a forecasting bundle make the figure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["baseline", "control", "network", "log_pool"]
    """What the champion is."""
    networks: tuple[str, ...] = ()
    """Networks whose graphs are averaged (log variance)."""
    baseline: str = ""
    """The baseline alone, or the pool's second part."""
    tail: Literal["parametric", "filtered", "historical"] = "filtered"
    """How the tail was made."""


class CommonManifest(BaseModel):
    """What `manifest.json` says of any bundle."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    study: str
    question: str
    engine: str
    champion: str
    created: str
    """UTC, ISO 8601."""
    barograph: str
    """Version that wrote the bundle."""
    versions: dict[str, str]
    """Libraries of the run."""
    columns: tuple[str, ...]
    """What a serving request must carry."""
    data: dict[str, Any]
    """Provenance of the snapshot."""
    seeds: tuple[int, ...]
    prepare: dict[str, Any]
    """Settings of the preparation."""
    verdict: str
    """The study's sentence."""
    verdict_note: str = (
        "The verdict belongs to the procedure judged out of sample, not to these weights: "
        "they were refitted with the same settings on all data up to the snapshot's end."
    )
    hashes: dict[str, str] = Field(default_factory=dict)
    """sha256 of every other file, by path."""


class Manifest(CommonManifest):
    """`manifest.json` of a forecasting bundle."""

    engine: Literal["forecasting"] = "forecasting"
    combine: Combine
    entities: tuple[str, ...]
    horizons: tuple[int, ...]
    levels: tuple[float, ...]
    alphas: tuple[float, ...]
    fitted_until: dict[str, str]
    """Per entity, the last day the parts were fitted on (ISO)."""


class ScoreCombine(BaseModel):
    """How the parts of a scoring bundle make the figure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["baseline", "control", "network", "stack"]
    """What the champion is."""
    networks: tuple[str, ...] = ()
    """Networks whose members' figures are averaged."""
    baseline: str = ""
    """The baseline alone, or the stack's other part."""
    head: Literal["bernoulli", "hazard", "hurdle_beta"] = "bernoulli"
    """What the networks' raw outputs mean."""


class ScoringManifest(CommonManifest):
    """`manifest.json` of a scoring bundle."""

    engine: Literal["scoring"] = "scoring"
    combine: ScoreCombine
    request: dict[str, Any]
    """How the columns of a request are read (`core.record_table.RecordSchema`)."""
    fitted_until: str
    """Last day the parts were fitted on (ISO); empty without time."""
    label: str
    """What the figure is the probability of, or the loss it forecasts."""
    assumptions: dict[str, Any]
    """What the figures of credit assume where no column says so."""
    use: Literal["credit", "alerts", "falls"] = "credit"
    """What is made of a probability: figures of credit, an alert, or an alarm of a currency's fall."""
    parts: int
    """Parts of the bag that were fitted."""
    threshold: float
    """Figure above which a record is called bad or raises an alert, and below which one is approved."""


class LevelCombine(BaseModel):
    """How the parts of a level bundle make the figure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["baseline", "control", "network", "mean"]
    """What the champion is; `mean` averages quantiles of its two halves."""
    networks: tuple[str, ...] = ()
    """Networks whose ensembles are averaged: the champion, or one half of it."""
    partners: tuple[str, ...] = ()
    """Per horizon the linear model that is the champion, or the other half of it."""


class LevelManifest(CommonManifest):
    """`manifest.json` of a bundle for one series in levels."""

    engine: Literal["levels"] = "levels"
    combine: LevelCombine
    request: dict[str, Any]
    """How the columns of a request are read (`core.level_study.SeriesSection`)."""
    horizons: tuple[int, ...]
    months: int
    """Length of a period."""
    target: str
    """What is forecast, in a few words."""
    fitted_until: str
    """The last origin the parts were fitted at (ISO); only outcomes known by then were used."""


class LedgerCombine(BaseModel):
    """How the parts of a ledger bundle make the figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    counts: str
    """The model of weekly counts."""
    severities: str
    """The model of amounts."""
    networks: dict[str, str] = Field(default_factory=dict)
    """Part (counts, severities) -> the network whose graph corrects its convention; none where it is one."""
    head: Literal["negative_binomial", "poisson"] = "negative_binomial"
    """Distribution of the network's counts."""


class LedgerManifest(CommonManifest):
    """`manifest.json` of a bundle for a loss ledger."""

    engine: Literal["ledgers"] = "ledgers"
    combine: LedgerCombine
    request: dict[str, Any]
    """How the columns of a request are read (`core.ledger_study.LedgerSection`)."""
    ledger: dict[str, Any]
    """Bounds, reporting threshold and unit of the ledger that was fitted on."""
    levels: tuple[float, ...]
    """Levels of the quantiles in an answer."""
    fitted_until: str
    """Last day of the records that the parts were fitted on (ISO)."""
    not_testable: str = "A quantile of so rare a year is not testable on this sample."


class PanelCombine(BaseModel):
    """How the parts of a panel bundle make the figure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["baseline", "control", "network", "combination"]
    """What the champion is."""
    start: str
    """The baseline that control and networks correct."""
    networks: tuple[str, ...] = ()
    """Networks whose corrections are averaged."""
    baseline: str = ""
    """The baseline alone."""
    weights: tuple[float, ...] = ()
    """Per horizon, the weight on the correction of a combination."""
    scale: str = ""
    """The baseline whose deviation is one half of a combination's; empty where there is none."""


class PanelManifest(CommonManifest):
    """`manifest.json` of a bundle for a panel of levels."""

    engine: Literal["panels"] = "panels"
    combine: PanelCombine
    request: dict[str, Any]
    """How the columns of a request are read (`core.panel_study.PanelSection`)."""
    series: tuple[dict[str, Any], ...]
    """What is known of each series (`core.panel_table.SeriesFact`)."""
    frequency: Literal["days", "months", "quarters"]
    """Length of a period."""
    horizons: tuple[int, ...]
    levels: tuple[float, ...]
    """Levels of the quantiles in an answer."""
    fitted_until: str
    """The last origin the parts were fitted at (ISO); only outcomes known by then were used."""
