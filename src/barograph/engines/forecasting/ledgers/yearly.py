"""The year's total loss of convention and champion, a bootstrap of convention, and Basel's own figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from barograph.core.errors import DataError
from barograph.core.ledger_study import LedgerStudy
from barograph.core.ledger_table import AnnualLosses, LossLedger
from barograph.core.seeds import generator
from barograph.engines.forecasting.ledgers.annual import annual_losses
from barograph.engines.forecasting.ledgers.conventional import SEVERITY_START
from barograph.engines.forecasting.ledgers.export import newest_of
from barograph.engines.forecasting.ledgers.fit import LedgerRun
from barograph.measures.losses.bootstrap import BootstrapInterval, Ledger, bootstrap_interval
from barograph.measures.losses.compound import annual_quantiles
from barograph.measures.losses.fitted import frequency_of, severity_of
from barograph.measures.losses.frequency import Frequency, fit_frequency
from barograph.measures.losses.severity import Severity
from barograph.measures.losses.standardised import (
    FEWEST_YEARS,
    YEARS,
    Accounts,
    StandardisedCapital,
    average_annual_loss,
    business_indicator,
    standardised_capital,
)
from barograph.models.baselines.ledgers.severities import fit_spliced_severity, tail_threshold

CONVENTIONAL = "conventional"
CELLS = 2**13
"""Points of the grid behind each resample."""


def yearly_losses(run: LedgerRun, study: LedgerStudy, pair: tuple[str, str]) -> tuple[AnnualLosses, ...]:
    """Of the spliced fit, with an interval of its highest quantile; and of the champion, where it differs."""
    ship = study.deploy
    frequency = frequency_of(run.frequency)
    known: dict[str, Severity] = {CONVENTIONAL: severity_of(run.fits[-1].severities[SEVERITY_START])}
    if pair[1] != SEVERITY_START:
        known[pair[1]] = newest_of(run, study, pair)[1]
    found = [
        annual_losses(
            model, frequency, severity, ship.levels,
            years=ship.simulated_years, random=generator(study.train.seed, "years", model),
        )
        for model, severity in known.items()
    ]  # fmt: skip
    interval = interval_of(run.record.samples.ledger, study)
    ends = None if interval is None else (interval.lower, interval.upper)
    counted = (0, 0) if interval is None else (ship.bootstrap, interval.failures)
    found[0] = replace(found[0], interval=ends, resamples=counted[0], failures=counted[1])
    return tuple(found)


def interval_of(ledger: LossLedger, study: LedgerStudy) -> BootstrapInterval | None:
    """Interval of the highest yearly quantile over resampled years; None where too many defy the fit."""
    level, share = max(study.deploy.levels), study.prepare.tail_share

    def fit(years: Ledger) -> tuple[Frequency, Severity]:
        amounts = np.concatenate(years)
        threshold = tail_threshold(amounts, share)
        found = fit_spliced_severity(amounts, ledger.threshold, threshold)
        return fit_frequency([year.size for year in years]), severity_of(found)

    def figure(frequency: Frequency, severity: Severity) -> float:
        return float(annual_quantiles(frequency, severity, level, cells=CELLS).value[0])

    try:
        return bootstrap_interval(
            list(ledger.years().values()), fit, figure,
            random=generator(study.train.seed, "bootstrap"), draws=study.deploy.bootstrap,
        )  # fmt: skip
    except DataError:
        return None  # the report says that there is no interval


def standardised_of(ledger: LossLedger, study: LedgerStudy) -> StandardisedCapital | None:
    """Capital of the standardised approach; None without accounts.

    With fewer than `FEWEST_YEARS` complete years of losses the multiplier is held at 1.
    """
    ship = study.deploy
    if not ship.accounts:
        return None
    indicator = business_indicator([Accounts(**year.model_dump()) for year in ship.accounts]).total
    years = sorted(ledger.years())
    if len(years) < FEWEST_YEARS:
        return standardised_capital(indicator, 0.0, billion=ship.billion, multiplier_is_one=True)
    year = ledger.day.astype("datetime64[Y]").astype(np.int64) + 1970
    average = average_annual_loss(
        ledger.amount,
        year,
        last_year=years[-1],
        n_years=min(YEARS, len(years)),
        threshold=ship.loss_threshold,
    )
    return standardised_capital(indicator, average, billion=ship.billion)
