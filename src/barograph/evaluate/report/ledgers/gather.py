"""From a scored record to what the report prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.core.fitted_ledgers import CountParameters, FrequencyParameters, SeverityParameters
from barograph.core.ledger_study import LedgerStudy
from barograph.core.ledger_table import (
    PARTS,
    AnnualLosses,
    AnomalousWeek,
    CountForecast,
    LedgerRecord,
    LedgerSnapshot,
    LossLedger,
)
from barograph.core.results import TestResult
from barograph.core.seeds import generator
from barograph.evaluate.ledgers.claims import CONVENTION
from barograph.evaluate.ledgers.losses import development, losses, transform
from barograph.evaluate.report.ledgers.content import (
    CapitalFigures,
    ComingRow,
    CountBands,
    LedgerContent,
    TailAids,
)
from barograph.evaluate.report.study_content import Findings, PitBins, Role, SeedSpread, StudyFacts, pit_bins
from barograph.measures.losses import counts
from barograph.measures.losses.count_fit import cameron_trivedi_test, likelihood_ratio_test
from barograph.measures.losses.fitted import weekly_mean
from barograph.measures.losses.thresholds import hill, mean_excess

BINS = 10
INTERVALS = (0.95, 0.80)
POINTS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Refitted:
    """What was fitted on the whole ledger."""

    counts: CountParameters  # negative binomial
    severities: dict[str, SeverityParameters]
    frequency: FrequencyParameters
    threshold: float  # where the tail begins
    annual: tuple[AnnualLosses, ...]
    capital: CapitalFigures | None
    anomalies: tuple[AnomalousWeek, ...]


def ledger_content(
    record: LedgerRecord,
    study: LedgerStudy,
    snapshot: LedgerSnapshot,
    found: Findings,
    refit: Refitted,
    *,
    coming: Sequence[ComingRow],
    facts: StudyFacts,
) -> LedgerContent:
    """The content of a report."""
    candidate, ledger = record.named(study.deploy.candidate), snapshot.ledger
    mean = float(weekly_mean(refit.counts, record.samples.counts.calendar).mean())
    return LedgerContent(
        **_about(study, snapshot, found, candidate),
        roles=_roles(record),
        reference=CONVENTION["counts"],
        facts=facts,
        **_extent(record, ledger),
        all_developed=bool(development(record, record.counts, study).all()),
        yearly={year: amounts.size for year, amounts in ledger.years().items()},
        dispersion=_dispersion(record, refit),
        frequency=refit.frequency,
        fits=refit.severities,
        count_fit=(mean, refit.counts.dispersion),
        tail=_tail(ledger, refit.threshold),
        bands=_bands(record, candidate),
        pits={part: _pits(record, part, candidate) for part in PARTS},
        seed_spread=tuple(_seeds(record, key) for key in record.networks),
        coming=tuple(coming),
        levels=study.deploy.levels,
        annual=refit.annual,
        capital=refit.capital,
        anomalies=refit.anomalies,
    )


def _extent(record: LedgerRecord, ledger: LossLedger) -> dict[str, Any]:
    """How much there is, and how much of it is held out."""
    return {
        "unit": ledger.unit,
        "years": record.years,
        "weeks": record.counts.n,
        "losses": record.severities.n,
        "all_losses": ledger.n,
        "since": str(record.counts.time[0]),
        "until": str(record.counts.time[-1]),
    }


def _about(study: LedgerStudy, snapshot: LedgerSnapshot, found: Findings, candidate: str) -> dict[str, Any]:
    """What the study, its data and its judges say."""
    return {
        "name": study.name,
        "question": study.question,
        "settings": study.model_dump(mode="json"),
        "candidate": candidate,
        "provenance": snapshot.provenance,
        "verdict": found.verdict,
        "claims": tuple(found.claims),
        "scores": tuple(found.scores),
        "comparisons": tuple(found.comparisons),
    }


def _roles(record: LedgerRecord) -> dict[str, Role]:
    roles: dict[str, Role] = dict.fromkeys(record.networks, "network")
    roles |= dict.fromkeys(record.controls, "control")
    roles |= dict.fromkeys(record.baselines, "baseline")
    return roles


def _dispersion(record: LedgerRecord, refit: Refitted) -> tuple[TestResult, ...]:
    """Poisson against more dispersed counts, around the seasonal means of the whole ledger."""
    part = record.samples.counts
    means = weekly_mean(refit.counts, part.calendar)
    return likelihood_ratio_test(part.outcome, means), cameron_trivedi_test(part.outcome, means)


def _tail(ledger: LossLedger, threshold: float) -> TailAids:
    ranked = np.sort(ledger.amount)
    places = np.geomspace(min(11, ranked.size), ranked.size, POINTS).round().astype(np.int64)
    levels = np.unique(ranked[-places])  # evenly spaced in logs of rank: dense far out
    excess = mean_excess(ranked, levels)
    most = min(ranked.size - 1, max(20, ranked.size // 4))
    order = np.unique(np.linspace(min(10, most), most, POINTS).round().astype(np.int64))
    return TailAids(
        threshold, levels, excess.mean, excess.standard_error, order.astype(np.float64), hill(ranked, order)
    )


def _bands(record: LedgerRecord, model: str) -> CountBands:
    part = record.counts
    said = part.forecasts[model]
    assert isinstance(said, CountForecast)  # every model of counts forecasts counts

    def at(level: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return counts.quantile(level, said.mean, dispersion=said.dispersion)

    rival = part.forecasts[CONVENTION["counts"]]
    assert isinstance(rival, CountForecast)
    return CountBands(
        model,
        part.time,
        part.outcome,
        at(0.5),
        {share: (at(0.5 - share / 2), at(0.5 + share / 2)) for share in INTERVALS},
        {CONVENTION["counts"]: rival.mean},
    )


def _pits(record: LedgerRecord, name: Any, candidate: str) -> tuple[PitBins, ...]:
    part = record.part(name)
    share = generator(0, "pit", name).random(part.n)
    models = dict.fromkeys((candidate, CONVENTION[name]))
    return tuple(pit_bins(model, transform(part, part.forecasts[model], share), BINS) for model in models)


def _seeds(record: LedgerRecord, key: str) -> SeedSpread:
    part = record.counts
    each = [float(losses(part, seed, "count_log_score").mean()) for seed in part.members[key]]
    whole = float(losses(part, part.forecasts[key], "count_log_score").mean())
    return SeedSpread(key, np.array(each), whole)
