"""The tail wrapper: from a variance forecast to a full distribution of the h-day return.

Three ways, all with the levels and tail probabilities of `core.forecast`: the Student t of a GARCH fit, the
empirical distribution of standardised residuals (filtered historical simulation), and the empirical
distribution of the returns themselves (historical simulation).

**Empirical quantiles** place the k-th of n sorted values, weight w_k, at probability
``(w_1 + … + w_{k-1} + w_k / 2) / Σ w`` and interpolate linearly (Hazen's rule where weights are equal);
beyond the outermost of these they stay at the extreme value: no tail is extrapolated, so at least
`MINIMUM_RESIDUALS` values are asked for. **Empirical shortfall** is the weighted mean of the worst share
alpha, a value astride the boundary counted in part, and never less than the loss at the quantile (with very
unequal weights interpolation could pass it).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import gammaln, stdtrit

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.fitted import HistoricalParameters, TailParameters
from barograph.core.forecast import ALPHAS, LEVELS, Distribution
from barograph.measures.returns import sums_behind
from barograph.measures.variance import log_variance as forecast_log_variance

MINIMUM_RESIDUALS = 250
"""Fewest known residuals behind an empirical tail: the 0.5 % quantile then lies inside the sample."""

_LEVELS = np.array(LEVELS)
_CENTRE = LEVELS.index(0.5)
_AT_ALPHAS = [LEVELS.index(alpha) for alpha in ALPHAS]


def filtered_tail(residuals: FloatArray, *, half_life: float | None) -> TailParameters:
    """Tail of standardised returns, ``z = R_h / σ_h``, as filtered historical simulation has it.

    Sources: Barone-Adesi, Giannopoulos and Vosper (1999), Journal of Futures Markets 19 (the residuals);
    Boudoukh, Richardson and Whitelaw (1998), Risk 11 (the decaying weights); Acerbi and Tasche (2002),
    Journal of Banking and Finance 26 (the shortfall of a sample).

    Parameters
    ----------
    residuals : array [n_rows, n_horizons]
        h-day return divided by the square root of its variance forecast, oldest first; the row's age counts
        from the last one. NaN (outcome not known yet) is left out.
    half_life : float or None
        Rows after which a residual counts half; None weighs all alike.

    Returns
    -------
    TailParameters

    Raises
    ------
    DataError
        Where a horizon has fewer than `MINIMUM_RESIDUALS` known residuals.
    """
    age = np.arange(residuals.shape[0])[::-1]
    weight = np.ones(residuals.shape[0]) if half_life is None else 0.5 ** (age / half_life)
    quantiles = np.empty((residuals.shape[1], len(LEVELS)))
    shortfall = np.empty((residuals.shape[1], len(ALPHAS)))
    for column in range(residuals.shape[1]):
        known = np.flatnonzero(np.isfinite(residuals[:, column]))
        _enough(known.size)
        ranked = known[np.argsort(residuals[known, column], kind="stable")]
        values, weights = residuals[ranked, column], weight[ranked] / weight[ranked].sum()
        quantiles[column] = _weighted_quantiles(values, weights)
        means = [-values @ _tail_share(weights, alpha) for alpha in ALPHAS]
        shortfall[column] = np.maximum(means, -quantiles[column, _AT_ALPHAS])
    return TailParameters(quantiles=quantiles, shortfall=shortfall)


def student_tail(degrees_of_freedom: float, n_horizons: int) -> TailParameters:
    """Tail of a Student t scaled to variance one, the same for every horizon.

    With ``q = t⁻¹_ν(α)`` and density f_ν: quantile ``q √((ν−2)/ν)``, shortfall
    ``f_ν(q)/α · (ν + q²)/(ν − 1) · √((ν−2)/ν)``. Beyond a day the sum of t-distributed returns is not a t and
    its tails thin out slowly; keeping ν is the cautious convention.

    Source: McNeil, Frey and Embrechts (2015), Quantitative Risk Management, section 2.3.4.

    Parameters
    ----------
    degrees_of_freedom : float
        ν, above 2: below it there is no variance.
    n_horizons : int

    Examples
    --------
    >>> tail = student_tail(5.0, 1)
    >>> float(tail.quantiles[0, LEVELS.index(0.01)].round(4)), float(tail.shortfall[0, 0].round(4))
    (-2.6065, 3.4488)
    """
    freedom = degrees_of_freedom
    if not freedom > 2.0:
        raise DataError(
            "a Student t needs more than 2 degrees of freedom to have a variance",
            came=f"got {freedom:g}",
            do="Check the returns for gross errors, or use the filtered tail",
        )
    scale = np.sqrt((freedom - 2.0) / freedom)
    tail = np.array(ALPHAS)
    beyond = stdtrit(freedom, tail)
    log_norm = gammaln(0.5 * (freedom + 1)) - gammaln(0.5 * freedom) - 0.5 * np.log(freedom * np.pi)
    density = np.exp(log_norm - 0.5 * (freedom + 1) * np.log1p(beyond**2 / freedom))
    shortfall = density / tail * (freedom + beyond**2) / (freedom - 1.0)
    return TailParameters(
        quantiles=np.tile(scale * stdtrit(freedom, _LEVELS), (n_horizons, 1)),
        shortfall=np.tile(scale * shortfall, (n_horizons, 1)),
    )


def historical_distribution(
    returns: FloatArray, horizons: Sequence[int], rows: IntArray, *, window: int
) -> Distribution:
    """Historical simulation: the distribution of the last `window` h-day returns, renewed on every row.

    Parameters
    ----------
    returns : array [n_days]
        Log returns of one entity, decimals, from the day its history begins.
    horizons : sequence of int
    rows : int array [n]
        Origins, as row numbers of `returns`.
    window : int
        Number of overlapping h-day returns, all of them completed at or before the origin.

    Returns
    -------
    Distribution
        One row per origin. Quantiles and shortfalls are NaN where fewer than `window` h-day returns were
        completed or one of them is NaN; the variance is h times the mean squared daily return of the last
        `window` known days.
    """
    quantiles = np.full((rows.size, len(horizons), len(LEVELS)), np.nan)
    shortfall = np.full((rows.size, len(horizons), len(ALPHAS)), np.nan)
    weights = np.full(window, 1.0 / window)
    for column, horizon in enumerate(horizons):
        usable = np.flatnonzero(rows >= window + horizon - 2)
        sums = sums_behind(returns, horizon)
        if usable.size:
            windows = sliding_window_view(sums, window)[rows[usable] - window + 1]
            ranked = np.sort(windows, axis=-1)
            ranked[np.isnan(ranked[:, -1])] = np.nan  # NaN sorts last
            quantiles[usable, column] = _hazen_quantiles(ranked)
            for place, alpha in enumerate(ALPHAS):
                shortfall[usable, column, place] = -ranked @ _tail_share(weights, alpha)
    variance = np.exp(forecast_log_variance(HistoricalParameters(window), returns, returns**2, horizons))
    return Distribution(variance=variance[rows], quantiles=quantiles, shortfall=shortfall)


def distribution(
    log_variance: FloatArray, tail: TailParameters, multiplier: FloatArray | None = None
) -> Distribution:
    """Distribution of the h-day return: the root of the variance forecast times a standardised tail.

    Parameters
    ----------
    log_variance : array [n, n_horizons]
    tail : TailParameters
    multiplier : array [n, n_horizons, 2] or None
        Factors for the quantiles below the median and for those above it, from `measures.conformal`; the
        shortfall goes with the lower. None leaves the tail as it is.

    Returns
    -------
    Distribution
        Quantiles ascend: where a multiplier carries a central quantile past the median, the values are sorted
        (Chernozhukov, Fernández-Val and Galichon 2010, Econometrica 78), which leaves the tails alone.
    """
    sigma = np.exp(0.5 * log_variance)[..., np.newaxis]
    quantiles, shortfall = sigma * tail.quantiles, sigma * tail.shortfall
    if multiplier is not None:
        quantiles[..., :_CENTRE] *= multiplier[..., :1]
        quantiles[..., _CENTRE + 1 :] *= multiplier[..., 1:]
        shortfall *= multiplier[..., :1]
        quantiles = np.sort(quantiles, axis=-1)
    return Distribution(variance=np.exp(log_variance), quantiles=quantiles, shortfall=shortfall)


def _enough(known: int) -> None:
    if known < MINIMUM_RESIDUALS:
        raise DataError(
            f"a tail needs at least {MINIMUM_RESIDUALS} known standardised returns for every horizon",
            came=f"got {known}",
            do="Give the series a longer history, or use a parametric tail",
        )


def _weighted_quantiles(ranked: FloatArray, weights: FloatArray) -> FloatArray:
    """Quantiles at LEVELS of ascending values whose weights sum to one."""
    return np.asarray(np.interp(_LEVELS, np.cumsum(weights) - 0.5 * weights, ranked))


def _tail_share(weights: FloatArray, alpha: float) -> FloatArray:
    """Share of each ascending value in the mean of the worst alpha; sums to one."""
    before = np.cumsum(weights) - weights
    return np.asarray(np.clip(alpha - before, 0.0, weights) / alpha)


def _hazen_quantiles(ranked: FloatArray) -> FloatArray:
    """Quantiles at LEVELS along the last axis of ascending, equally weighted values, [n, len(LEVELS)]."""
    n = ranked.shape[-1]
    place = np.clip(_LEVELS * n - 0.5, 0.0, n - 1.0)
    left = np.floor(place).astype(np.int64)
    right, share = np.minimum(left + 1, n - 1), place - left
    return np.asarray((1.0 - share) * ranked[..., left] + share * ranked[..., right])
