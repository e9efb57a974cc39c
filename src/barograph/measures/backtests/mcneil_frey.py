"""Exceedance residuals. McNeil and Frey (2000), Journal of Empirical Finance 7."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from barograph.core.arrays import FloatArray
from barograph.core.results import TestResult
from barograph.measures.backtests.common import complete, exceptions, undefined


@dataclass(frozen=True, slots=True)
class McNeilFrey:
    """Mean residual beyond ES on the days of exceptions, and the test that it is not above zero."""

    exceptions: int
    mean_residual: float
    test: TestResult


def mcneil_frey(
    returns: npt.ArrayLike,
    value_at_risk: npt.ArrayLike,
    expected_shortfall: npt.ArrayLike,
    *,
    sigma: npt.ArrayLike = 1.0,
    bootstrap: int = 0,
    seed: int = 0,
) -> McNeilFrey:
    """One-sided test that losses on days of exceptions exceed ES on average.

    Residuals are ``(-return - ES) / sigma`` on exceptions, in expectation zero; the statistic is
    ``mean / (sd / sqrt(N))`` with the sample sd (divisor N - 1). The p-value is the normal one, or, with
    `bootstrap` > 0, that of the centred residuals resampled (the paper's, after Efron and Tibshirani).

    Parameters
    ----------
    returns, value_at_risk, expected_shortfall : array_like [n_obs]
        Losses negative in returns, positive in VaR and ES.
    sigma : array_like [n_obs] or scalar
        Forecast standard deviation; dividing by it makes the residuals alike, as in the paper.
    bootstrap : int
        Resamples, 0 for the normal p-value.

    Returns
    -------
    McNeilFrey
        NaN, with a note, with fewer than two exceptions or residuals that do not vary.
    """
    observed = complete("returns", returns)
    n_obs = observed.shape[0]
    hits = exceptions(observed, value_at_risk)
    shortfall = complete("expected_shortfall", expected_shortfall, n_obs=n_obs)
    residuals = ((-observed - shortfall) / complete("sigma", sigma, n_obs=n_obs))[hits]
    number = residuals.shape[0]
    mean = float(residuals.mean()) if number else float("nan")
    if number < 2 or np.ptp(residuals) == 0.0:
        note = "fewer than two exceptions" if number < 2 else "residuals do not vary"
        return McNeilFrey(number, mean, undefined("mcneil_frey", n_obs=n_obs, note=note))
    statistic = mean / float(residuals.std(ddof=1)) * np.sqrt(number)
    p_value = float(ndtr(-statistic))
    if bootstrap:
        p_value = _bootstrap_p_value(residuals, statistic, bootstrap, np.random.default_rng(seed))
    return McNeilFrey(number, mean, TestResult("mcneil_frey", float(statistic), p_value, n_obs))


def _bootstrap_p_value(
    residuals: FloatArray, statistic: float, resamples: int, random: np.random.Generator
) -> float:
    """Share of resampled statistics of the centred residuals at least as large; a constant resample counts
    0.
    """
    number = residuals.shape[0]
    drawn = (residuals - residuals.mean())[random.integers(0, number, (resamples, number))]
    spread = drawn.std(axis=1, ddof=1)
    means = drawn.mean(axis=1)
    flat = spread <= 1e-12 * residuals.std()
    beyond = np.where(means > 0.0, np.inf, -np.inf)
    values = np.where(flat, beyond, means / np.where(flat, 1.0, spread) * np.sqrt(number))
    return (1.0 + float((values >= statistic).sum())) / (resamples + 1.0)
