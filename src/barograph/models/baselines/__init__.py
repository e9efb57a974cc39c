"""Conventional models of the field, each a fit that leaves a frozen fitted value behind."""

from barograph.models.baselines.base import MINIMUM_HISTORY, Baseline, NotConvergedError
from barograph.models.baselines.catalogue import (
    BASELINES,
    VARIANCE_MODELS,
    BaselineEntry,
    baseline_entry,
    fit_baseline,
    refits,
)

__all__ = [
    "BASELINES",
    "MINIMUM_HISTORY",
    "VARIANCE_MODELS",
    "Baseline",
    "BaselineEntry",
    "NotConvergedError",
    "baseline_entry",
    "fit_baseline",
    "refits",
]
