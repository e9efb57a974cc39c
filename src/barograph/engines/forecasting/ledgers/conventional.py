"""Conventional models of each fold: fitted on its training rows, forecasting its test rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.fitted_ledgers import CountParameters, FrequencyParameters, SeverityParameters
from barograph.core.ledger_study import LedgerStudy
from barograph.core.ledger_table import CountForecast, DensityForecast, LedgerSamples, LossLedger
from barograph.engines.forecasting.ledgers.plan import LedgerFold
from barograph.measures.losses.fitted import weekly_mean
from barograph.measures.losses.frequency import fit_frequency
from barograph.models.baselines.ledgers import COUNT_BASELINES, SEVERITY_BASELINES
from barograph.models.baselines.ledgers.severities import tail_threshold

COUNT_START, SEVERITY_START = "negative_binomial", "spliced"
"""Where networks start."""


@dataclass(frozen=True, slots=True, eq=False)
class Conventional:
    """Everything conventional of one fold."""

    counts: dict[str, CountParameters]
    severities: dict[str, SeverityParameters]
    threshold: float  # where the tail begins, money


def fit_conventional(samples: LedgerSamples, fold: LedgerFold, study: LedgerStudy) -> Conventional:
    """Every baseline of the study, and always those that networks start from."""
    rows = fold.parts["counts"].training
    counts, calendar = samples.counts.outcome[rows], samples.counts.calendar[rows]
    amounts = samples.severities.outcome[fold.parts["severities"].training]
    threshold = tail_threshold(amounts, study.prepare.tail_share)
    lower = samples.ledger.threshold
    wanted = {*study.model.baselines, COUNT_START, SEVERITY_START}
    try:
        return Conventional(
            {key: fit(counts, calendar) for key, fit in COUNT_BASELINES.items() if key in wanted},
            {k: fit(amounts, lower, threshold) for k, fit in SEVERITY_BASELINES.items() if k in wanted},
            threshold,
        )
    except DataError as error:
        when = f"before {fold.year}" if fold.year else "of the whole ledger"
        raise DataError(f"{error.must} (losses {when})", came=error.came, do=error.do) from error


def count_forecast(found: CountParameters, calendar: FloatArray) -> CountForecast:
    """The counts of some weeks."""
    mean = weekly_mean(found, calendar)
    return CountForecast(mean, np.full(mean.shape, found.dispersion))


def count_forecasts(
    samples: LedgerSamples, folds: Sequence[LedgerFold], fits: Sequence[Conventional], key: str
) -> CountForecast:
    """One baseline over all held-out weeks."""
    each = [
        count_forecast(fit.counts[key], samples.counts.calendar[fold.parts["counts"].test])
        for fold, fit in zip(folds, fits, strict=True)
    ]
    return joined_counts(each)


def joined_counts(each: Sequence[CountForecast]) -> CountForecast:
    """Forecasts of consecutive folds, one after the other."""
    return CountForecast(
        np.concatenate([one.mean for one in each]), np.concatenate([one.dispersion for one in each])
    )


def density_forecasts(folds: Sequence[LedgerFold], fits: Sequence[Conventional], key: str) -> DensityForecast:
    """One baseline over all held-out losses."""
    fold = np.concatenate([np.full(one.parts["severities"].test.size, one.number) for one in folds])
    return DensityForecast(tuple(fit.severities[key] for fit in fits), fold.astype(np.int64))


def yearly_frequency(ledger: LossLedger) -> FrequencyParameters:
    """Losses a year, from the counts of the complete calendar years."""
    found = fit_frequency([year.size for year in ledger.years().values()])
    return FrequencyParameters(found.mean, found.dispersion)
