"""Rates, discount factors and forwards: one rate said in another way.

Rates are decimals per year, times years from now. A rate of whatever size or sign is taken, as long as the
growth of a period stays above zero. NaN gives NaN.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError

CONTINUOUS = 0
"""Compounding without periods; any other number is the periods of a year."""


def discount_factor(rate: npt.ArrayLike, time: npt.ArrayLike, *, compounding: int = CONTINUOUS) -> FloatArray:
    """Value today of one unit paid at a time: ``exp(-r t)``, or ``(1 + r / m)^(-m t)`` with m periods a year.

    Source: Hull, Options, Futures and Other Derivatives, chapter "Interest rates".

    Parameters
    ----------
    rate, time : array_like
        Decimals per year, and years; broadcast against each other.
    compounding : int
        0 = continuous, else periods of a year.

    Raises
    ------
    DataError
        A period's growth ``1 + r / m`` is not above zero, or the compounding is negative.

    Examples
    --------
    >>> round(float(discount_factor(0.05, 2.0)), 6)
    0.904837
    >>> round(float(discount_factor(0.05, 2.0, compounding=1)), 6)
    0.907029
    """
    return np.asarray(np.exp(-continuous_rate(rate, compounding=compounding) * np.asarray(time, np.float64)))


def zero_rate(discount: npt.ArrayLike, time: npt.ArrayLike, *, compounding: int = CONTINUOUS) -> FloatArray:
    """The rate that a discount factor stands for: ``-ln D / t``, or its m-period equal; inverse of the above.

    Raises
    ------
    DataError
        A discount factor or a time is not above zero.
    """
    factor, years = np.asarray(discount, np.float64), np.asarray(time, np.float64)
    _above_zero("a discount factor", factor)
    _above_zero("the time of a discount factor", years)
    return rate_from_continuous(-np.log(factor) / years, compounding=compounding)


def continuous_rate(rate: npt.ArrayLike, *, compounding: int) -> FloatArray:
    """The continuous rate of the same growth: ``m ln(1 + r / m)``."""
    plain = np.array(rate, dtype=np.float64)
    _periods(compounding)
    if compounding == CONTINUOUS:
        return plain
    _above_zero("the growth of a period, 1 + rate / periods,", 1.0 + plain / compounding)
    return np.asarray(compounding * np.log1p(plain / compounding))


def rate_from_continuous(rate: npt.ArrayLike, *, compounding: int) -> FloatArray:
    """The rate with m periods a year of the same growth: ``m (exp(r / m) - 1)``."""
    plain = np.array(rate, dtype=np.float64)
    _periods(compounding)
    return plain if compounding == CONTINUOUS else np.asarray(compounding * np.expm1(plain / compounding))


def forward_rate(zero: npt.ArrayLike, time: npt.ArrayLike) -> FloatArray:
    """Continuous forward rates between neighbouring times: ``(z₂ t₂ - z₁ t₁) / (t₂ - t₁)``.

    Source: Hull, Options, Futures and Other Derivatives, chapter "Interest rates", forward rates.

    Parameters
    ----------
    zero : array_like [..., n_tenors]
        Continuous zero rates.
    time : array_like [n_tenors]
        Ascending years, above zero.

    Returns
    -------
    FloatArray [..., n_tenors]
        The rate over the period that ends at each time; the first period begins now.

    Examples
    --------
    >>> forward_rate([0.02, 0.03], [1.0, 2.0]).round(10).tolist()
    [0.02, 0.04]
    """
    years = np.asarray(time, np.float64)
    growth = np.asarray(zero, np.float64) * years
    return np.asarray(np.diff(growth, prepend=0.0, axis=-1) / np.diff(years, prepend=0.0))


def _periods(compounding: int) -> None:
    if compounding < 0:
        raise DataError(
            "a compounding must be 0 (continuous) or the periods of a year",
            came=f"got {compounding}",
            do="Pass 2 for half-yearly",
        )


def _above_zero(name: str, values: FloatArray) -> None:
    if np.any(values <= 0.0):
        raise DataError(
            f"{name} must be above zero",
            came=f"the lowest is {float(np.nanmin(values)):g}",
            do="Pass decimals per year (0.03 for 3 %) and years",
        )
