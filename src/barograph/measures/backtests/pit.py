"""Is the whole forecast distribution right? Tests of probability integral transforms (PIT).

Under a right forecast the values of the forecast distribution function at what came are independent and
uniform: Diebold, Gunther and Tay (1998), Evaluating Density Forecasts, International Economic Review 39.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import kolmogorov

from barograph.core.errors import DataError
from barograph.core.results import TestResult
from barograph.measures.backtests.common import chi_square, complete, undefined


def kolmogorov_smirnov(pit: npt.ArrayLike) -> TestResult:
    """Largest distance between the empirical and the uniform distribution, asymptotic p-value.

    NaN on an empty sample.
    """
    ordered = np.sort(_probabilities(pit))
    n_obs = ordered.shape[0]
    if n_obs == 0:
        return undefined("pit_kolmogorov_smirnov", n_obs=0, note="no days")
    steps = np.arange(1, n_obs + 1) / n_obs
    distance = float(max((steps - ordered).max(), (ordered - steps + 1.0 / n_obs).max()))
    return TestResult("pit_kolmogorov_smirnov", distance, float(kolmogorov(np.sqrt(n_obs) * distance)), n_obs)


def uniform_bins(pit: npt.ArrayLike, *, bins: int = 10) -> TestResult:
    """Pearson's chi-square of counts in equal bins, ``bins - 1`` degrees of freedom; NaN on an empty
    sample.
    """
    values = _probabilities(pit)
    n_obs = values.shape[0]
    if n_obs == 0:
        return undefined("pit_bins", n_obs=0, note="no days")
    counts, _ = np.histogram(values, bins=bins, range=(0.0, 1.0))
    expected = n_obs / bins
    note = "" if expected >= 5.0 else "fewer than five expected in a bin"
    statistic = float(((counts - expected) ** 2).sum() / expected)
    return chi_square("pit_bins", statistic, degrees=bins - 1, n_obs=n_obs, note=note)


def ljung_box(values: npt.ArrayLike, *, lags: int = 5) -> TestResult:
    """Portmanteau of the first autocorrelations, chi-square with `lags` degrees of freedom.

    ``Q = n (n + 2) sum_k r_k^2 / (n - k)``, Ljung and Box (1978), Biometrika 65. NaN where the series is
    constant or not longer than `lags`.
    """
    series = complete("values", values)
    n_obs = series.shape[0]
    centred = series - series.mean() if n_obs else series
    power = float((centred**2).sum())
    if n_obs <= lags or power == 0.0:
        return undefined("ljung_box", n_obs=n_obs, note="series too short or constant")
    total = sum((float(centred[k:] @ centred[:-k]) / power) ** 2 / (n_obs - k) for k in range(1, lags + 1))
    return chi_square("ljung_box", n_obs * (n_obs + 2) * total, degrees=lags, n_obs=n_obs)


def _probabilities(pit: npt.ArrayLike) -> npt.NDArray[np.float64]:
    values = complete("pit", pit)
    if ((values < 0.0) | (values > 1.0)).any():
        raise DataError(
            "PIT values must lie in [0, 1]", came="some do not", do="Pass the forecast's F(return)"
        )
    return values
