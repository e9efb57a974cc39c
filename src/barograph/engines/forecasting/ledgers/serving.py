"""From parts and rows to forecasts: what a champion says of coming weeks and of a coming year. No torch."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted_ledgers import CountParameters, SeverityParameters
from barograph.core.ledger_table import CountForecast
from barograph.measures.losses.fitted import severity_of, weekly_mean
from barograph.measures.losses.heads import corrected_counts, pooled
from barograph.measures.losses.severity import Severity
from barograph.measures.losses.warped import WarpedMixture


def counts_from(
    found: CountParameters, calendar: FloatArray, raw: FloatArray | None, *, poisson: bool
) -> CountForecast:
    """Counts of some weeks: conventional, or corrected by the mean of the members' raw outputs.

    Parameters
    ----------
    found : CountParameters
        The model, or the start of the network.
    calendar : FloatArray [n, n_calendar]
    raw : FloatArray [n_seeds, n, 2] or None
    poisson : bool
        The network's head.
    """
    mean = weekly_mean(found, calendar)
    dispersion = np.full(mean.shape, found.dispersion)
    if raw is None:
        return CountForecast(mean, dispersion)
    return CountForecast(*corrected_counts(raw.mean(axis=0), mean, dispersion, poisson=poisson))


def severity_over(found: SeverityParameters, raw: FloatArray | None) -> Severity:
    """One severity for a whole year: conventional, or the mean of a network's densities over its days.

    Parameters
    ----------
    found : SeverityParameters
    raw : FloatArray [n_seeds, n_days, K] or None
    """
    base = severity_of(found)
    if raw is None:
        return base
    weights, means, deviations = pooled(raw)
    flat = np.asarray(weights / weights.shape[0]).ravel()
    return WarpedMixture(base, flat, means.ravel(), deviations.ravel())
