"""What an entity's own past says at each of its days: features, and the steps a sequence network reads.

Every number uses a finite window of at most `LOOKBACK` rows that ends on its own row. Levels are logarithms
of mean variances. So that a price that did not move has one, and a quiet day does not drown all others, a
mean over fewer than `REFERENCE_WINDOW` days counts as at least `FLOOR_SHARE` of the mean over those days, and
every mean as at least `series.VARIANCE_FLOOR`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import DateArray, FloatArray
from barograph.measures.features import exponential_weights, rolling_means, semivariances, weighted_mean
from barograph.prepare.columns import HAS_RANGE
from barograph.prepare.series import VARIANCE_FLOOR, Series

LOOKBACK = 250
"""Rows behind the longest window, the row itself included."""

MONTH = 22
"""Days whose mean square is sigma squared, the measure of a return."""

REFERENCE_WINDOW = 66
"""Days whose mean variance floors shorter means."""

FLOOR_SHARE = 0.01
"""Smallest share of that mean that a shorter one counts as: a move of a tenth of sigma."""

DECAY = 0.94
"""RiskMetrics' daily decay."""

SMOOTHING = 0.1
"""Weight of the week's mean in the channel of the day's squared return."""

_WEEKDAYS = ("tuesday", "wednesday", "thursday", "friday")


@dataclass(frozen=True, slots=True, eq=False)
class OwnState:
    """Columns of one entity by name, each [n]; NaN where the window is not full."""

    features: dict[str, FloatArray]
    channels: dict[str, FloatArray]
    levels: dict[int, FloatArray]  # log mean r² over a week and a month: what the panel looks at


def own_state(series: Series) -> OwnState:
    """Everything computed from one entity alone.

    Features: log means of the variance proxy over 1, 2, 5, 22 and 66 days and of r² over 5, 22, 66 and 250;
    log squares of mean |r| over 5 and 22; log EWMA of r²; returns of the last 1, 2 and 5 days over sigma; log
    semivariances over 5 and 22; short over long volatility; what ranges add (levels of the proxy and of
    Parkinson's variance over 1 and 5 days less the proxy's of the month; 0 without ranges, where `has_range`
    is 0); weekday, with Monday as the base.
    """
    square = series.returns**2
    proxies = rolling_means(series.proxy, (1, 2, 5, 22, 66))
    squares = rolling_means(square, (5, 22, 66, LOOKBACK))
    reference = squares[REFERENCE_WINDOW]
    sigma = np.sqrt(np.maximum(squares[MONTH], VARIANCE_FLOOR))
    proxy_levels = {n: log_level(mean, proxies[REFERENCE_WINDOW], n) for n, mean in proxies.items()}
    levels = {n: log_level(mean, reference, n) for n, mean in squares.items()}
    ewma = weighted_mean(square, exponential_weights(DECAY, LOOKBACK))
    features = {
        **{f"log_proxy_{days}": level for days, level in proxy_levels.items()},
        **{f"log_square_{days}": level for days, level in levels.items()},
        **_absolute(series.returns, reference),
        "log_ewma": np.log(np.maximum(ewma, VARIANCE_FLOOR)),
        **_directions(series.returns, sigma, reference),
        "volatility_ratio": np.exp(0.5 * (proxy_levels[5] - proxy_levels[66])),
        **_range_news(series, proxy_levels),
        **_weekdays(series.time),
    }
    channels = {
        "log_proxy": proxy_levels[1],
        "log_square": log_level((1 - SMOOTHING) * square + SMOOTHING * squares[5], reference, 1),
        "return_over_sigma": series.returns / sigma,
        "absolute_over_sigma": np.abs(series.returns) / sigma,
    }
    return OwnState(features, channels, {days: levels[days] for days in (5, MONTH)})


def log_level(mean: FloatArray, reference: FloatArray, days: int) -> FloatArray:
    """Logarithm of a mean variance over some days, floored as the head of this file says."""
    floored = np.maximum(mean, FLOOR_SHARE * reference) if days < REFERENCE_WINDOW else mean
    return np.asarray(np.log(np.maximum(floored, VARIANCE_FLOOR)))


def _absolute(returns: FloatArray, reference: FloatArray) -> dict[str, FloatArray]:
    """Levels from mean absolute returns, squared to the scale of a variance."""
    means = rolling_means(np.abs(returns), (5, 22))
    return {f"log_absolute_{days}": log_level(mean**2, reference, days) for days, mean in means.items()}


def _directions(returns: FloatArray, sigma: FloatArray, reference: FloatArray) -> dict[str, FloatArray]:
    """Signed returns in units of sigma for their length, and semivariances."""
    columns = {
        f"return_{days}": mean * np.sqrt(days) / sigma
        for days, mean in rolling_means(returns, (1, 2, 5)).items()
    }
    for name, values in zip(("down", "up"), semivariances(returns), strict=True):
        for days, mean in rolling_means(values, (5, 22)).items():
            columns[f"log_{name}_{days}"] = log_level(mean, reference, days)
    return columns


def _range_news(series: Series, levels: dict[int, FloatArray]) -> dict[str, FloatArray]:
    """How far ranges over a day and a week lie from the proxy's month; 0 on days without a range."""
    means = rolling_means(series.parkinson, (1, 5, REFERENCE_WINDOW))
    wide = {days: log_level(means[days], means[REFERENCE_WINDOW], days) for days in (1, 5)}
    news = {
        f"{name}_news_{days}": np.where(series.has_range, level[days] - levels[MONTH], 0.0)
        for name, level in (("range", levels), ("parkinson", wide))
        for days in (1, 5)
    }
    return {HAS_RANGE: series.has_range.astype(np.float64), **news}


def _weekdays(time: DateArray) -> dict[str, FloatArray]:
    """One column per weekday but Monday."""
    weekday = (time.astype(np.int64) + 3) % 7  # day 0, 1970-01-01, was a Thursday
    return {f"weekday_{name}": (weekday == n).astype(np.float64) for n, name in enumerate(_WEEKDAYS, 1)}
