"""Variance of one trading day from its open, high, low and close.

Ranges see what happened between two closes, so they are several times less noisy than a squared return.
Every function takes price levels as arrays of one shape and returns decimals squared of that shape;
a NaN price makes the day NaN. Bars that contradict themselves (a high below the low, open or close) are
the contract's business in `collect`, not ours.
"""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray


def parkinson(high: FloatArray, low: FloatArray) -> FloatArray:
    """Parkinson's range variance, ``(ln H/L)² / (4 ln 2)``.

    Unbiased for a driftless Brownian motion watched continuously; about five times as efficient as r².

    Source: Parkinson (1980), "The extreme value method for estimating the variance of the rate of return",
    Journal of Business 53.

    Examples
    --------
    >>> float(parkinson(np.array([102.0]), np.array([100.0])).round(8)[0])
    0.00014144
    """
    return np.asarray(np.log(high / low) ** 2 / (4.0 * np.log(2.0)))


def garman_klass(opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Garman and Klass's practical estimator, ``½ (ln H/L)² − (2 ln 2 − 1)(ln C/O)²``.

    For a driftless Brownian motion about 7.4 times as efficient as r²; a strong drift biases it.

    Source: Garman and Klass (1980), "On the estimation of security price volatilities from historical data",
    Journal of Business 53.
    """
    spread, body = np.log(high / low), np.log(close / opening)
    return np.asarray(0.5 * spread**2 - (2.0 * np.log(2.0) - 1.0) * body**2)


def rogers_satchell(opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Rogers and Satchell's estimator, ``ln(H/C) ln(H/O) + ln(L/C) ln(L/O)``, unbiased under any drift.

    Never negative for a bar whose high and low enclose open and close; zero where the day only rose or only
    fell from open to close without looking back.

    Source: Rogers and Satchell (1991), "Estimating variance from high, low and closing prices",
    Annals of Applied Probability 1.
    """
    upper = np.log(high / close) * np.log(high / opening)
    lower = np.log(low / close) * np.log(low / opening)
    return np.asarray(upper + lower)


def overnight(opening: FloatArray, close: FloatArray) -> FloatArray:
    """Squared log return from the last close to today's open, ``(ln O_t / C_{t-1})²``, shape [n_days].

    The first day is NaN: nothing came before it.
    """
    jumps = np.full(np.shape(opening), np.nan)
    jumps[1:] = np.log(opening[1:] / close[:-1]) ** 2
    return jumps


def day_variance(opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Close-to-close variance of a day: `rogers_satchell` plus `overnight`, shape [n_days], first day NaN.

    The intraday part is measured by the range, the night by its squared return; the two do not overlap, so
    the sum has the same expectation as the squared close-to-close return of a driftless price.

    Source: the two components of Yang and Zhang (2000), "Drift-independent volatility estimation based on
    high, low, open, and close prices", Journal of Business 73, without their averaging over days.
    """
    return rogers_satchell(opening, high, low, close) + overnight(opening, close)
