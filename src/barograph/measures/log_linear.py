"""The linear control's answer: a log-linear variance forecast."""

from __future__ import annotations

from barograph.core.arrays import FloatArray
from barograph.core.fitted import LogLinearParameters


def log_linear(parameters: LogLinearParameters, inputs: FloatArray) -> FloatArray:
    """Log variance of a Gamma regression with log link (McCullagh and Nelder 1989, ch. 8).

    Parameters
    ----------
    parameters : LogLinearParameters
        Intercepts [n_horizons] and coefficients [n_horizons, n_inputs].
    inputs : array [n, n_inputs]
        Standardised inputs.

    Returns
    -------
    array [n, n_horizons]
        ``intercept + inputs · coefficients``; NaN inputs give NaN.
    """
    return parameters.intercept + inputs @ parameters.coefficients.T
