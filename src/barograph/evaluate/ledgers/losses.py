"""Scores of forecasts of a ledger, week by week and loss by loss; smaller is better."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.ledger_study import LedgerStudy, LossMetric
from barograph.core.ledger_table import CountForecast, DensityForecast, LedgerRecord, Part, ScoredPart
from barograph.measures.losses import counts
from barograph.measures.losses.fitted import severity_of
from barograph.measures.losses.severity import Severity, cumulative
from barograph.measures.losses.tail_scores import log_score, threshold_weighted_crps
from barograph.measures.losses.warped import WarpedMixture

METRICS: dict[LossMetric, Part] = {
    "count_log_score": "counts",
    "count_crps": "counts",
    "severity_log_score": "severities",
    "severity_crps": "severities",
    "severity_tail_crps": "severities",
}
"""Metric -> the part of the ledger it is of."""


def losses(part: ScoredPart, forecast: CountForecast | DensityForecast, metric: LossMetric) -> FloatArray:
    """Score ``[n]`` of a forecast of held-out weeks or losses.

    ``*_log_score`` is minus the log probability or density; ``*_crps`` is in counts or money;
    ``severity_tail_crps`` counts the amounts beyond the threshold of the training window's tail alone
    (Gneiting and Ranjan 2011).
    """
    if isinstance(forecast, CountForecast):
        said = (forecast.mean, forecast.dispersion)
        if metric == "count_crps":
            return counts.crps(part.outcome, said[0], dispersion=said[1])
        return -counts.log_probability(part.outcome, said[0], dispersion=said[1])
    out = np.empty(part.n)
    for fold in np.unique(part.fold):
        rows = np.flatnonzero(part.fold == fold)
        severity, came = density(forecast, int(fold), rows), part.outcome[rows]
        if metric == "severity_log_score":
            out[rows] = log_score(severity, came)
        else:
            tail = float(part.threshold[rows[0]]) if metric == "severity_tail_crps" else 0.0
            out[rows] = threshold_weighted_crps(severity, came, threshold=tail)
    return out


def density(
    forecast: DensityForecast, fold: int, rows: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> Severity:
    """The severities of some rows of one fold, one per row where they are bent."""
    base = severity_of(forecast.base[fold])
    if forecast.mixture is None:
        return base
    weights, means, deviations = forecast.mixture
    return WarpedMixture(base, weights[rows], means[rows], deviations[rows])


def transform(part: ScoredPart, forecast: CountForecast | DensityForecast, share: FloatArray) -> FloatArray:
    """Probability integral transforms ``[n]``; of counts randomised by uniform shares ``[n]``."""
    if isinstance(forecast, CountForecast):
        return counts.probability_transform(
            part.outcome, forecast.mean, dispersion=forecast.dispersion, share=share
        )
    out = np.empty(part.n)
    for fold in np.unique(part.fold):
        rows = np.flatnonzero(part.fold == fold)
        out[rows] = cumulative(density(forecast, int(fold), rows), part.outcome[rows])
    return out


def blocks(record: LedgerRecord, part: ScoredPart, study: LedgerStudy) -> dict[str, BoolArray]:
    """Rows of all held-out years, and of development and confirmation where there are both, ``[n]``."""
    everything = np.ones(part.n, dtype=bool)
    chose = development(record, part, study)
    if chose.all() or not chose.any():
        return {"all": everything}
    return {"all": everything, "development": chose, "confirmation": ~chose}


def development(record: LedgerRecord, part: ScoredPart, study: LedgerStudy) -> BoolArray:
    """Rows of held-out years that chose the recipe."""
    until = study.evaluate.development_until
    years = np.asarray(record.years)[part.fold]
    return np.asarray(years <= until) if until is not None else np.zeros(part.n, dtype=bool)
