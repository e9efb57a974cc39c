"""Fitted values of losses turned into distributions, and back."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted_ledgers import CountParameters, FrequencyParameters, SeverityParameters
from barograph.measures.losses.frequency import Frequency
from barograph.measures.losses.pareto import GeneralisedPareto
from barograph.measures.losses.severity import Lognormal
from barograph.measures.losses.spliced import Spliced


def weekly_mean(parameters: CountParameters, calendar: FloatArray) -> FloatArray:
    """Mean count of each week, [n], from its calendar inputs [n, n_calendar]."""
    return np.asarray(np.exp(parameters.intercept + calendar @ parameters.coefficients))


def severity_of(parameters: SeverityParameters) -> Lognormal | Spliced:
    """The distribution of fitted parameters."""
    tailed = parameters.tail_share > 0.0
    upper = parameters.threshold if tailed else np.inf
    body = Lognormal(parameters.mean_log, parameters.sd_log, parameters.lower, upper)
    if not tailed:
        return body
    tail = GeneralisedPareto(parameters.shape, parameters.scale, parameters.threshold)
    return Spliced(body, tail, parameters.tail_share)


def parameters_of(severity: Lognormal | Spliced) -> SeverityParameters:
    """The inverse of `severity_of`."""
    if isinstance(severity, Lognormal):
        return SeverityParameters(severity.mean_log, severity.sd_log, severity.lower, 0.0, 0.0, 0.0, 1.0)
    body, tail = severity.body, severity.tail
    return SeverityParameters(
        body.mean_log, body.sd_log, body.lower, tail.threshold, severity.tail_share, tail.shape, tail.scale
    )


def frequency_of(parameters: FrequencyParameters) -> Frequency:
    """The distribution of a year's count."""
    return Frequency(parameters.mean, parameters.dispersion)
