"""Autoregression on known values, its order chosen by BIC, directly for each horizon."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted_levels import LevelLinearParameters
from barograph.models.baselines.levels.known import Known

UNCLIPPED = 1e9
LEAST_PER_COEFFICIENT = 3
"""Rows per coefficient of the largest order; shorter samples try fewer lags."""


def fit_autoregression(known: Known, penalty: float = 0.0) -> LevelLinearParameters:
    r"""Least squares of the outcome on the p newest known values, p from 0 to `Known.lags` by BIC.

    Direct forecasts: each horizon has its own regression (Marcellino, Stock and Watson 2006), which needs no
    values that are not published yet. All orders are compared on the same rows by
    :math:`n\log(\mathrm{RSS}/n) + (p + 1)\log n` (Schwarz 1978). `penalty` is not used.
    """
    found = known.started(-1)
    for horizon in range(known.outcome.shape[1]):
        complete = np.isfinite(known.inputs[:, : known.lags]).all(axis=1)
        rows = np.flatnonzero(complete & np.isfinite(known.outcome[:, horizon]))
        orders = range(min(known.lags, rows.size // LEAST_PER_COEFFICIENT - 1) + 1)
        if len(orders) < 2:
            continue
        target = known.outcome[rows, horizon]
        fits = [_least_squares(known.inputs[rows, :order], target) for order in orders]
        best = min(fits, key=lambda fit: fit[1])[0]
        found.intercept[horizon] = best[0]
        found.coefficients[horizon, : best.size - 1] = best[1:]
    return LevelLinearParameters(
        found.names, -1, found.center, found.spread, found.intercept, found.coefficients, found.deviation,
        UNCLIPPED,
    )  # fmt: skip


def _least_squares(x: FloatArray, target: FloatArray) -> tuple[FloatArray, float]:
    """Intercept and coefficients, and their BIC."""
    design = np.column_stack([np.ones(target.size), x])
    solution = np.asarray(np.linalg.lstsq(design, target, rcond=None)[0], dtype=np.float64)
    residual = target - design @ solution
    rss = max(float(residual @ residual), 1e-300)
    n = int(target.size)
    return solution, n * float(np.log(rss / n)) + design.shape[1] * float(np.log(n))
