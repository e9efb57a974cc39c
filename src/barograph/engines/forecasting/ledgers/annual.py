"""The year's total loss of a frequency and a severity: by transform with bounds, by simulation. No torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.ledger_table import AnnualLosses, AnnualQuantile
from barograph.measures.losses.compound import annual_quantiles
from barograph.measures.losses.frequency import Frequency
from barograph.measures.losses.monte_carlo import sample_quantile, simulate_years
from barograph.measures.losses.severity import Severity

BOUND_CELLS = 2**16
"""Points of the grid behind bounds."""
VALUE_CELLS = 2**14
"""Points where no bounds are asked for: with losses dispersed over their neighbours, good to about 1e-5."""


def annual_losses(
    model: str,
    frequency: Frequency,
    severity: Severity,
    levels: Sequence[float],
    *,
    years: int,
    random: np.random.Generator,
) -> AnnualLosses:
    """Mean and quantiles of the year's total by both methods; the interval is left to a bootstrap."""
    found = annual_quantiles(frequency, severity, levels, cells=BOUND_CELLS)
    totals = simulate_years(frequency, severity, years=years, random=random)
    quantiles = []
    for place, level in enumerate(levels):
        drawn = sample_quantile(totals, level)
        quantiles.append(
            AnnualQuantile(
                level,
                float(found.value[place]),
                float(found.lower[place]),
                float(found.upper[place]),
                drawn.value,
                drawn.standard_error,
            )
        )
    return AnnualLosses(model, annual_mean(frequency, severity), tuple(quantiles), None, 0, 0)


def annual_mean(frequency: Frequency, severity: Severity) -> float:
    """Mean of the year's total; infinite where the severity's is."""
    return float(frequency.mean * severity.limited_mean(np.inf))


def year_values(frequency: Frequency, severity: Severity, levels: Sequence[float]) -> FloatArray:
    """Quantiles of the year's total alone, [n_levels]; money."""
    return annual_quantiles(frequency, severity, levels, cells=VALUE_CELLS).value
