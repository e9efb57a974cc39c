"""The conventional models of the ledger branch by their keys."""

from __future__ import annotations

from collections.abc import Callable

from barograph.core.arrays import FloatArray
from barograph.core.errors import unknown
from barograph.core.fitted_ledgers import CountParameters, SeverityParameters
from barograph.models.baselines.ledgers.counts import fit_homogeneous, fit_negative_binomial, fit_poisson
from barograph.models.baselines.ledgers.severities import fit_lognormal_severity, fit_spliced_severity

LINEAR = "linear"
"""Key of the control."""

COUNT_BASELINES: dict[str, Callable[[FloatArray, FloatArray], CountParameters]] = {
    "homogeneous": fit_homogeneous,
    "negative_binomial": fit_negative_binomial,
    "poisson": fit_poisson,
}
"""Models of weekly counts: from counts [n] and calendar [n, n_calendar]."""

SEVERITY_BASELINES: dict[str, Callable[[FloatArray, float, float], SeverityParameters]] = {
    "lognormal": fit_lognormal_severity,
    "spliced": fit_spliced_severity,
}
"""Models of amounts: from amounts [n], the reporting threshold and the threshold of the tail."""

LEDGER_BASELINES = (*COUNT_BASELINES, *SEVERITY_BASELINES)
"""Every baseline."""


def ledger_baseline(key: str) -> str:
    """The key, where there is such a baseline; `SettingError` otherwise."""
    if key not in LEDGER_BASELINES:
        raise unknown("a baseline of a ledger", key, LEDGER_BASELINES)
    return key
