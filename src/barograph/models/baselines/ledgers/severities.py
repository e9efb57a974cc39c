"""Severities: a lognormal, and a lognormal body with a generalised Pareto tail."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted_ledgers import SeverityParameters
from barograph.measures.losses.fitted import parameters_of
from barograph.measures.losses.lognormal_fit import fit_lognormal
from barograph.measures.losses.pareto import FEWEST_EXCEEDANCES
from barograph.measures.losses.spliced import fit_spliced


def fit_lognormal_severity(amounts: FloatArray, lower: float, threshold: float) -> SeverityParameters:
    """Lognormal above the reporting threshold; the tail's threshold is not used."""
    return parameters_of(fit_lognormal(amounts, lower=lower))


def fit_spliced_severity(amounts: FloatArray, lower: float, threshold: float) -> SeverityParameters:
    """Lognormal body up to the tail's threshold, generalised Pareto beyond it."""
    return parameters_of(fit_spliced(amounts, threshold=threshold, lower=lower))


def tail_threshold(amounts: FloatArray, share: float) -> float:
    """Where the tail begins: a quantile of the amounts, leaving twice the losses a tail asks for."""
    enough = 2.0 * FEWEST_EXCEEDANCES / amounts.size
    return float(np.quantile(amounts, 1.0 - min(max(share, enough), 0.5)))
