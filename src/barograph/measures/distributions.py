"""Value at risk and expected shortfall of distributions and samples, and the place of an outcome in a
forecast.

VaR and ES are positive losses at a tail probability `alpha` (0.01 for 99 %). McNeil, Frey and Embrechts
(2015), Quantitative Risk Management, chapter 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtri, stdtrit

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError

QuantileConvention = Literal["order_statistic", "linear", "hazen"]

_METHODS: dict[QuantileConvention, Literal["inverted_cdf", "linear", "hazen"]] = {
    "order_statistic": "inverted_cdf",
    "linear": "linear",
    "hazen": "hazen",
}
_SMALLEST_PIT = 1e-12
_FAR = 1e8  # gaps between quantiles after which a tail has ended


@dataclass(frozen=True, slots=True, eq=False)
class VarianceCovariance:
    """VaR of positions one by one and together under joint normality, in the positions' money."""

    single: FloatArray  # [n_assets]
    total: float
    standard_deviation: float  # of one day
    diversification: float  # sum of single minus total


def normal_value_at_risk(alpha: float, *, mean: float = 0.0, sd: float = 1.0) -> float:
    """``-mean - sd ndtri(alpha)`` for normal returns.

    Examples
    --------
    >>> round(normal_value_at_risk(0.01), 6)
    2.326348
    """
    return -mean - sd * float(ndtri(alpha))


def normal_expected_shortfall(alpha: float, *, mean: float = 0.0, sd: float = 1.0) -> float:
    """``-mean + sd phi(ndtri(alpha)) / alpha`` for normal returns.

    Examples
    --------
    >>> round(normal_expected_shortfall(0.025), 6)
    2.337803
    """
    density = np.exp(-0.5 * ndtri(alpha) ** 2) / np.sqrt(2.0 * np.pi)
    return -mean + sd * float(density) / alpha


def student_value_at_risk(
    alpha: float, *, degrees_of_freedom: float, mean: float = 0.0, sd: float = 1.0
) -> float:
    """VaR of Student-t returns scaled to standard deviation `sd`; needs more than two degrees of freedom."""
    scale = sd * _unit_scale(degrees_of_freedom)
    return -mean - scale * float(stdtrit(degrees_of_freedom, alpha))


def student_expected_shortfall(
    alpha: float, *, degrees_of_freedom: float, mean: float = 0.0, sd: float = 1.0
) -> float:
    """ES of Student-t returns scaled to standard deviation `sd`.

    With the plain t quantile q and density f it is ``f(q) / alpha (v + q^2) / (v - 1)``, times
    ``sd sqrt((v - 2) / v)``.

    Examples
    --------
    >>> round(student_expected_shortfall(0.025, degrees_of_freedom=5), 6)
    2.727802
    """
    v = degrees_of_freedom
    scale = sd * _unit_scale(v)
    quantile = float(stdtrit(v, alpha))
    log_density = gammaln((v + 1) / 2) - gammaln(v / 2) - 0.5 * np.log(v * np.pi)
    density = float(np.exp(log_density - (v + 1) / 2 * np.log1p(quantile**2 / v)))
    return -mean + scale * density / alpha * (v + quantile**2) / (v - 1)


def empirical_value_at_risk(
    returns: npt.ArrayLike, alpha: float, *, convention: QuantileConvention = "order_statistic"
) -> float:
    """VaR of a sample (historical simulation); NaN values are left out, an empty sample gives NaN.

    ``order_statistic`` (the default): the k-th worst with ``k = ceil(n alpha)``, a loss that happened.
    ``linear`` interpolates at ``1 + (n - 1) alpha`` (type 7), ``hazen`` at ``n alpha + 1/2`` (type 5).
    """
    values = _present(returns)
    if values.size == 0:
        return float("nan")
    if convention == "order_statistic":
        return -float(np.sort(values)[tail_count(values.size, alpha) - 1])
    return -float(np.quantile(values, alpha, method=_METHODS[convention]))


def empirical_expected_shortfall(returns: npt.ArrayLike, alpha: float) -> float:
    """Mean of the ``ceil(n alpha)`` largest losses of a sample; NaN values left out, empty gives NaN."""
    values = _present(returns)
    if values.size == 0:
        return float("nan")
    return -float(np.sort(values)[: tail_count(values.size, alpha)].mean())


def tail_count(n_obs: int, alpha: float) -> int:
    """Observations in the tail, ``ceil(n alpha)``, at least one; rounding of the product is forgiven.

    Examples
    --------
    >>> tail_count(20, 1 - 0.9)
    2
    """
    return max(1, int(np.ceil(n_obs * alpha - 1e-9)))


def variance_covariance(
    positions: npt.ArrayLike,
    daily_sd: npt.ArrayLike,
    *,
    correlation: npt.ArrayLike,
    alpha: float = 0.01,
    days: float = 1.0,
    multiple: float | None = None,
) -> VarianceCovariance:
    """VaR of linear positions in jointly normal returns with mean zero, scaled by the root of time.

    Parameters
    ----------
    positions : array_like [n_assets]
        Market values in one currency; short positions are negative.
    daily_sd : array_like [n_assets]
        Standard deviations of daily returns, decimals.
    correlation : array_like [n_assets, n_assets] or scalar
        A scalar stands for all pairs.
    multiple : float, optional
        Standard deviations to take, where a text rounds the normal quantile; the exact one otherwise.
    """
    exposure = np.asarray(positions, dtype=np.float64) * np.asarray(daily_sd, dtype=np.float64)
    given = np.asarray(correlation, dtype=np.float64)
    matrix = given
    if given.ndim == 0:
        matrix = np.full((exposure.size, exposure.size), float(given))
        np.fill_diagonal(matrix, 1.0)
    factor = (normal_value_at_risk(alpha) if multiple is None else multiple) * float(np.sqrt(days))
    sd = float(np.sqrt(exposure @ matrix @ exposure))
    single = factor * np.abs(exposure)
    return VarianceCovariance(single, factor * sd, sd, float(single.sum()) - factor * sd)


def pit_from_quantiles(values: npt.ArrayLike, quantiles: npt.ArrayLike, levels: npt.ArrayLike) -> FloatArray:
    """Where outcomes fall in forecast distributions known by their quantiles: F(value), one per row.

    Between two quantiles the distribution function is linear. Beyond the outermost ones the tail is
    exponential: its logarithm is continued along the line through the two outermost quantiles (of ``1 - F``
    above). Values are kept within 1e-12 of 0 and 1 so that normal scores are finite. Where several
    quantiles coincide with an outcome, the middle of their levels is taken. NaN in a row gives NaN.

    Parameters
    ----------
    values : array_like [n]
        Outcomes.
    quantiles : array_like [n, n_levels]
        Ascending along the last axis.
    levels : array_like [n_levels]
        Ascending probabilities strictly between 0 and 1, at least two.

    Examples
    --------
    >>> pit_from_quantiles([0.0, 0.25], [[-1.0, 0.0, 0.5]] * 2, [0.25, 0.5, 0.75]).tolist()
    [0.5, 0.625]
    """
    outcome = np.asarray(values, dtype=np.float64)
    grid = np.asarray(quantiles, dtype=np.float64)
    probability = np.asarray(levels, dtype=np.float64)
    if grid.shape != (outcome.shape[0], probability.shape[0]) or probability.shape[0] < 2:
        raise DataError(
            "quantiles must have one row per value and one column per level, at least two",
            came=f"got {grid.shape} for {outcome.shape[0]} values and {probability.shape[0]} levels",
            do="Pass one horizon's quantiles and the levels they belong to",
        )
    result = _inside(outcome, grid, probability)
    low, high = outcome < grid[:, 0], outcome > grid[:, -1]
    result[low] = _exponential(grid[low, 0] - outcome[low], grid[low, 1] - grid[low, 0], probability[:2])
    mirrored = 1.0 - probability[[-1, -2]]
    result[high] = 1.0 - _exponential(
        outcome[high] - grid[high, -1], grid[high, -1] - grid[high, -2], mirrored
    )
    missing = np.isnan(outcome) | np.isnan(grid).any(axis=1)
    return np.where(missing, np.nan, np.clip(result, _SMALLEST_PIT, 1.0 - _SMALLEST_PIT))


def _inside(outcome: FloatArray, grid: FloatArray, probability: FloatArray) -> FloatArray:
    """Linear interpolation of the levels at the outcomes, rows at once."""
    last = probability.shape[0] - 1
    under = (grid < outcome[:, None]).sum(axis=1)
    up_to = (grid <= outcome[:, None]).sum(axis=1)
    equal = up_to > under
    below = np.clip(np.where(equal, under, under - 1), 0, last)
    above = np.clip(np.where(equal, up_to - 1, under), 0, last)
    rows = np.arange(outcome.shape[0])
    left, right = grid[rows, below], grid[rows, above]
    width = right - left
    share = np.where(width > 0, (outcome - left) / np.where(width > 0, width, 1.0), 0.5)
    return np.asarray(probability[below] + share * (probability[above] - probability[below]))


def _exponential(beyond: FloatArray, gap: FloatArray, pair: FloatArray) -> FloatArray:
    """Tail probability `beyond` the outermost quantile; `pair` = its level and its neighbour's."""
    steps = np.minimum(beyond, _FAR * gap) / np.where(gap > 0.0, gap, 1.0)
    steps = np.where(gap > 0.0, steps, np.inf)  # outermost quantiles that coincide: nothing lies beyond
    return np.asarray(pair[0] * np.exp(-np.log(pair[1] / pair[0]) * steps))


def _unit_scale(degrees_of_freedom: float) -> float:
    if degrees_of_freedom <= 2.0:
        raise DataError(
            "a t distribution scaled to a standard deviation needs more than 2 degrees of freedom",
            came=f"got {degrees_of_freedom}",
            do="Raise the degrees of freedom",
        )
    return float(np.sqrt((degrees_of_freedom - 2.0) / degrees_of_freedom))


def _present(returns: npt.ArrayLike) -> FloatArray:
    values = np.asarray(returns, dtype=np.float64)
    return np.asarray(values[~np.isnan(values)])
