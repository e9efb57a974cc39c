"""Can it be told beforehand which of two forecasting methods will do better?"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincc

from barograph.core.arrays import FloatArray
from barograph.core.results import TestResult


def giacomini_white(
    difference: FloatArray, *, horizon: int = 1, instruments: FloatArray | None = None
) -> TestResult:
    r"""Giacomini-White test of equal conditional predictive ability.

    With :math:`z_t = x_t d_{t+h}`, where the instruments :math:`x_t` were known when the forecast was made,

    .. math:: n\,\bar z'\,\hat\Omega^{-1}\bar z \sim \chi^2_q

    For h = 1 :math:`\hat\Omega` is the uncentred covariance of z (the statistic is then n times the uncentred
    R² of regressing one on z); for h > 1 it adds h − 1 Bartlett-weighted autocovariances.

    The limit theory needs estimation windows that do not grow (rolling or fixed).

    Parameters
    ----------
    difference : FloatArray [n]
        Loss of the first method minus loss of the second, in time order.
    horizon : int
        Steps ahead.
    instruments : FloatArray [n, n_instruments], optional
        Row t: what was known at the origin of ``difference[t]``. Default: a constant and the loss difference
        `horizon` steps before, the latest one known at the origin. Rows with a NaN are left out.

    Returns
    -------
    TestResult
        NaN, with a note, where too few rows remain or the covariance is singular.

    References
    ----------
    Giacomini and White (2006), Tests of conditional predictive ability, Econometrica 74, theorems 1 and 3.
    """
    name = "giacomini_white"
    values = np.asarray(difference, dtype=np.float64)
    if instruments is None:
        lagged = np.concatenate([np.full(min(horizon, values.size), np.nan), values[:-horizon]])
        instruments = np.column_stack([np.ones(values.size), lagged])
    terms = np.asarray(instruments, dtype=np.float64) * values[:, None]
    terms = terms[np.isfinite(terms).all(axis=1)]
    n, n_instruments = terms.shape
    if n <= max(n_instruments + 1, horizon):
        return TestResult(name, np.nan, np.nan, n, "too few observations")
    covariance = _covariance(terms, lags=horizon - 1)
    if np.linalg.matrix_rank(covariance) < n_instruments:
        return TestResult(name, np.nan, np.nan, n, "the instruments' covariance is singular")
    mean = terms.mean(axis=0)
    statistic = float(n * mean @ np.linalg.solve(covariance, mean))
    return TestResult(name, statistic, float(gammaincc(n_instruments / 2.0, statistic / 2.0)), n)


def _covariance(terms: FloatArray, *, lags: int) -> FloatArray:
    """Uncentred long-run covariance with Bartlett weights, [n_instruments, n_instruments]."""
    total = terms.T @ terms
    for lag in range(1, lags + 1):
        cross = terms[lag:].T @ terms[:-lag]
        total = total + (1.0 - lag / (lags + 1.0)) * (cross + cross.T)
    return np.asarray(total / terms.shape[0])
