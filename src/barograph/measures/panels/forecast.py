"""The forecast of any conventional model of a panel from its fitted value."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_panels import (
    PanelAutoregressionParameters,
    PanelDriftParameters,
    PanelFactorParameters,
    PanelLinearParameters,
)
from barograph.core.fitted_value import FittedValue
from barograph.measures.panels.factors import autoregression_mean, drift_mean, factor_mean

CONTEXT = 32
"""Rows before an origin that any model looks at."""


def mean_of(fitted: FittedValue, known: FloatArray, orders: FloatArray, steps: IntArray) -> FloatArray:
    """Forecasts ``[n, E, H]`` on the work scale from newest known values ``[n, E]``, rows in order.

    The first rows may lack the lags or differences that a model reads; give `CONTEXT` rows before the first
    one that counts. NaN where a model says nothing.
    """
    if isinstance(fitted, PanelFactorParameters):
        return factor_mean(fitted, known, steps)
    if isinstance(fitted, PanelAutoregressionParameters):
        return autoregression_mean(fitted, known, steps)
    if isinstance(fitted, PanelDriftParameters):
        return drift_mean(fitted, known, orders, steps)
    raise TypeError(f"{type(fitted).__name__} is not a model of a panel's levels")


def rows_with_context(rows: IntArray) -> tuple[slice, IntArray]:
    """The slice that holds consecutive rows and their context, and the rows' places in it."""
    since = max(int(rows[0]) - CONTEXT, 0)
    return slice(since, int(rows[-1]) + 1), np.asarray(rows) - since


def control_shift(parameters: PanelLinearParameters, inputs: FloatArray) -> FloatArray:
    """Shift ``[n, H]`` of the linear control in deviations of its start, from standardised ``[n, F]``."""
    return np.asarray(parameters.intercept + inputs @ parameters.coefficients.T)
