"""Losses of normal forecasts in levels, origin by origin."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.level_study import LevelStudy
from barograph.core.level_table import Gaussians, LevelRecord
from barograph.measures.levels import gaussian_mean, gaussian_quantiles
from barograph.measures.scores import absolute_error, crps_normal, log_score_normal, squared_error

COVERAGE = {"coverage_80": 0.80, "coverage_95": 0.95}
"""Metric -> nominal coverage of the central interval."""


def losses(record: LevelRecord, forecast: Gaussians, metric: str) -> FloatArray:
    """Loss ``[n_scored, H]`` of a forecast; NaN where the outcome is not known.

    ``crps`` and ``log_score`` are those of the normal on the study's scale (log-odds of a share): there every
    period counts alike, where in the target's own unit a single crisis would outweigh all other periods.
    ``absolute_error`` (of the median) and ``squared_error`` (of the mean) are in the target's own unit.
    ``coverage_80`` and ``coverage_95`` are 1 where the central interval held the outcome.
    """
    samples, rows = record.samples, record.rows
    came, rate = samples.outcome[rows], samples.outcome_rate[rows]
    mean, deviation = forecast.mean, forecast.deviation
    if metric == "crps":
        return crps_normal(came, mean, deviation)
    if metric == "log_score":
        return log_score_normal(came, mean, deviation)
    if metric == "absolute_error":
        return absolute_error(rate, gaussian_quantiles(mean, deviation, 0.5, samples.scale))
    if metric == "squared_error":
        return squared_error(rate, gaussian_mean(mean, deviation, samples.scale))
    away = np.abs(came - mean) / deviation
    inside = away <= ndtri(0.5 + COVERAGE[metric] / 2.0)
    return np.where(np.isfinite(away), inside.astype(np.float64), np.nan)


def blocks(record: LevelRecord, study: LevelStudy) -> dict[str, BoolArray]:
    """Scored origins of all, and of development and confirmation where there are both, ``[n_scored]``.

    Where all origins chose the recipe, or none did, there is "all" alone.
    """
    time = record.samples.time[record.rows]
    everything = np.ones(time.size, dtype=bool)
    chose = development(record, study)
    if chose.all() or not chose.any():
        return {"all": everything}
    return {"all": everything, "development": chose, "confirmation": ~chose}


def development(record: LevelRecord, study: LevelStudy) -> BoolArray:
    """Scored origins that chose the recipe."""
    time = record.samples.time[record.rows]
    until = study.evaluate.development_until
    return time <= np.datetime64(until, "D") if until else np.zeros(time.size, dtype=bool)
