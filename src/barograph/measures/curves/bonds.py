"""A bond by its yield: price, yield, durations, convexity, and the value of a basis point.

A bond is its cash flows: `times` in years from settlement, ascending and above zero, and `amounts`. The yield
is a decimal per year, compounded m times (0 = continuous). With `coupon_flows` a bond settles on a coupon
date, or between two: prices are dirty (accrued interest included).

Source: Hull, Options, Futures and Other Derivatives, chapter "Interest rates"; Fabozzi, Bond Markets,
Analysis and Strategies, chapter on price volatility.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.measures.curves.compounding import CONTINUOUS, discount_factor
from barograph.measures.search import inverse

BASIS_POINT = 1e-4
_LOWEST, _HIGHEST = -0.99, 10.0
"""Bounds of a yield in continuous terms: from losing nearly two thirds a year to twenty thousandfold."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """A bond's price and how it moves with its yield; durations in years, convexity in years squared."""

    price: float
    macaulay: float
    modified: float
    convexity: float

    @property
    def dv01(self) -> float:
        """Loss for one basis point more of yield, in the price's unit: ``modified · price · 0.0001``."""
        return self.modified * self.price * BASIS_POINT


def coupon_times(years: float, frequency: int) -> FloatArray:
    """Coupon times back from the maturity in steps of a period, all above zero, ascending.

    Examples
    --------
    >>> coupon_times(1.25, 2).tolist()
    [0.25, 0.75, 1.25]
    """
    if not years > 0.0 or frequency < 1:
        raise DataError(
            "a bond must mature after now and pay at least one coupon a year",
            came=f"got {years:g} years and {frequency} coupons a year",
            do="For one payment at the end give its time and amount alone",
        )
    count = int(np.ceil(round(years * frequency, 9)))
    return np.asarray(years - np.arange(count - 1, -1, -1) / frequency)


def coupon_flows(
    coupon: float, *, frequency: int, years: float, face: float = 100.0
) -> tuple[FloatArray, FloatArray]:
    """Times and amounts of a bond with level coupons, paid back at maturity.

    Parameters
    ----------
    coupon : float
        Decimal of the face per year.
    frequency : int
        Coupons a year.
    years : float
        To maturity; a broken number makes the first coupon near, not small.
    face : float
    """
    times = coupon_times(years, frequency)
    amounts = np.full(times.size, face * coupon / frequency)
    amounts[-1] += face
    return times, amounts


def price(
    times: npt.ArrayLike, amounts: npt.ArrayLike, rate: npt.ArrayLike, *, compounding: int = CONTINUOUS
) -> FloatArray:
    """Present value at a yield, or at one zero rate per cash flow: ``sum_i c_i D(r_i, t_i)``.

    Parameters
    ----------
    times, amounts : array_like [n_flows]
    rate : array_like, or [..., n_flows]

    Returns
    -------
    FloatArray [...]
    """
    return np.asarray(discount_factor(rate, times, compounding=compounding) @ np.asarray(amounts, np.float64))


def yield_to_maturity(
    times: npt.ArrayLike, amounts: npt.ArrayLike, value: float, *, compounding: int = CONTINUOUS
) -> float:
    """The yield at which the cash flows are worth `value`; turns `price` round.

    By bisection on the continuous yield, down to the last digits; amounts must not be negative, so that the
    price falls in the yield and the yield is the only one.

    Raises
    ------
    DataError
        An amount is negative, all are zero, or no yield between -63 % and 2.2 million percent (continuous
        -0.99 and 10) gives the price.

    Examples
    --------
    >>> round(yield_to_maturity([1.0, 2.0], [4.0, 104.0], 100.0, compounding=1), 10)
    0.04
    """
    at, paid = np.asarray(times, np.float64), np.asarray(amounts, np.float64)
    ends = [float(price(at, paid, rate)) for rate in (_HIGHEST, _LOWEST)]
    if np.any(paid < 0.0) or not ends[0] < value < ends[1]:
        raise DataError(
            "a yield needs payments that are not negative and a price above zero that they can reach",
            came=f"the price is {value:g}, the payments lie between {paid.min():g} and {paid.max():g}",
            do="Check the signs, and that price and face are in the same unit",
        )
    found = inverse(
        lambda rate: -np.array([float(price(at, paid, one)) for one in rate]),
        np.array([-value]),
        np.array([_LOWEST]),
        np.array([_HIGHEST]),
    )
    continuous = float(found[0])
    return (
        continuous if compounding == CONTINUOUS else float(compounding * np.expm1(continuous / compounding))
    )


def sensitivity(
    times: npt.ArrayLike, amounts: npt.ArrayLike, rate: float, *, compounding: int = CONTINUOUS
) -> Sensitivity:
    """Price, Macaulay and modified duration, convexity at a yield.

    With present values ``p_i`` and ``P = sum p_i``: Macaulay ``sum t_i p_i / P``; modified
    ``-P'/P = Macaulay / (1 + y / m)``; convexity ``P''/P = sum t_i (t_i + 1/m) p_i / (P (1 + y / m)²)``. With
    continuous compounding the factor is one, and ``1/m`` is zero.

    Raises
    ------
    DataError
        The price is zero: shares of it have no meaning.
    """
    at = np.asarray(times, np.float64)
    present = discount_factor(rate, at, compounding=compounding) * np.asarray(amounts, np.float64)
    total = float(present.sum())
    if total == 0.0:
        raise DataError(
            "a duration is a share of the price, which must not be zero",
            came="the cash flows are worth nothing together",
            do="Use basis-point values in money (key_rate_values) for such a book",
        )
    period = 0.0 if compounding == CONTINUOUS else 1.0 / compounding
    growth = 1.0 + rate * period
    macaulay = float(at @ present) / total
    convexity = float((at * (at + period)) @ present) / (total * growth**2)
    return Sensitivity(total, macaulay, macaulay / growth, convexity)
