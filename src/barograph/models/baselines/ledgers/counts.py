"""Weekly counts: a constant rate, and a log-linear season with Poisson or negative-binomial counts."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.fitted_ledgers import CountParameters
from barograph.measures.losses.checks import counts_of
from barograph.measures.losses.count_fit import fit_dispersion

MAX_ITERATIONS = 100
TOLERANCE = 1e-10


def fit_homogeneous(counts: FloatArray, calendar: FloatArray) -> CountParameters:
    """Poisson with one mean for all weeks."""
    return CountParameters(float(np.log(_mean(counts))), np.zeros(calendar.shape[1]), 0.0)


def fit_poisson(counts: FloatArray, calendar: FloatArray) -> CountParameters:
    r"""Poisson regression on the calendar, by Newton's method.

    Maximises :math:`\sum y\eta - e^\eta` with :math:`\eta = a + x b`, which is concave (McCullagh and Nelder
    1989, Generalized Linear Models, chapter 6).
    """
    design = np.column_stack([np.ones(counts.size), calendar])
    solution = np.zeros(design.shape[1])
    solution[0] = np.log(_mean(counts))
    for _ in range(MAX_ITERATIONS):
        mean = np.exp(design @ solution)
        gradient = design.T @ (counts - mean) / counts.size
        if np.abs(gradient).max() <= TOLERANCE:
            return CountParameters(float(solution[0]), solution[1:], 0.0)
        curvature = (design * mean[:, None]).T @ design / counts.size
        step = np.linalg.solve(curvature, gradient)
        solution = solution + step / max(1.0, float(np.abs(step).max()))
    raise DataError(
        "the regression of weekly counts must converge",
        came=f"its gradient was still {np.abs(gradient).max():.1e} after {MAX_ITERATIONS} steps",
        do="Give a longer history, or lower the reporting threshold: too many weeks have no loss",
    )


def fit_negative_binomial(counts: FloatArray, calendar: FloatArray) -> CountParameters:
    """The Poisson regression's means, which estimate the mean consistently, with the dispersion around them.

    References
    ----------
    Cameron and Trivedi (2013), Regression Analysis of Count Data, section 3.2 (quasi-likelihood means).
    """
    found = fit_poisson(counts, calendar)
    means = np.exp(found.intercept + calendar @ found.coefficients)
    return CountParameters(found.intercept, found.coefficients, fit_dispersion(counts, means))


def _mean(counts: FloatArray) -> float:
    mean = float(counts_of(counts).mean())
    if mean <= 0.0:
        raise DataError(
            "a training window must hold losses", came="every week has none", do="Give a longer history"
        )
    return mean
