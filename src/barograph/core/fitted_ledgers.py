"""Fitted values of the ledger branch: how many losses a week, and how large each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.core.arrays import FloatArray
from barograph.core.fitted_value import FittedValue


@dataclass(frozen=True, slots=True, eq=False)
class CountParameters(FittedValue):
    """Weekly count with mean ``exp(intercept + x · coefficients)``, x the calendar inputs."""

    kind: ClassVar[str] = "weekly_count"
    intercept: float
    coefficients: FloatArray  # [n_calendar]; zeros for a mean without seasons
    dispersion: float  # 0 for Poisson


@dataclass(frozen=True, slots=True, eq=False)
class SeverityParameters(FittedValue):
    """Lognormal above a reporting threshold, with a generalised Pareto tail where `tail_share` is above 0."""

    kind: ClassVar[str] = "severity"
    mean_log: float
    sd_log: float
    lower: float  # reporting threshold, money
    threshold: float  # where the tail begins, money; 0 without one
    tail_share: float
    shape: float
    scale: float  # money


@dataclass(frozen=True, slots=True, eq=False)
class FrequencyParameters(FittedValue):
    """Losses a year."""

    kind: ClassVar[str] = "frequency"
    mean: float
    dispersion: float
