"""Par yields and the zero curve below them.

A par yield is the coupon at which a bond of that tenor is worth its face. The convention is that of the US
Treasury's par curve: coupons twice a year, and for tenors up to half a year simple interest (the bond
equivalent yield of a bill). Yields are decimals per year; zero rates are continuous; between tenors the zero
rate is a straight line, beyond them it is flat (`interpolation`).

Source: US Department of the Treasury, Treasury Yield Curve Methodology (par yields, bond-equivalent basis);
Fabozzi, Bond Markets, Analysis and Strategies, chapter on the term structure (bootstrapping).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.errors import DataError
from barograph.measures.curves.bonds import coupon_times
from barograph.measures.curves.interpolation import checked_tenors, tents, zero_at

SEMI_ANNUAL = 2
_ROUNDS = 60
_CLOSE = 1e-13


def bootstrap(par: npt.ArrayLike, tenors: npt.ArrayLike, *, frequency: int = SEMI_ANNUAL) -> FloatArray:
    """The zero curve at which a bond of every tenor, with its par yield as coupon, is worth its face.

    From the shortest tenor up; each zero rate is the root of ``sum_i c_i exp(-z(t_i) t_i) = face + accrued``,
    where ``z`` between the last tenor and this one is a straight line (Newton's method; the price is convex
    and falling in the rate, so that it converges from anywhere). Where a bond's first coupon is nearer than
    a period, the interest accrued so far is part of its price.

    Parameters
    ----------
    par : array_like [..., n_tenors]
        Par yields, decimals; NaN where a tenor was not quoted.
    tenors : array_like [n_tenors]
        Ascending years.
    frequency : int
        Coupons a year.

    Returns
    -------
    FloatArray [..., n_tenors]
        Continuous zero rates. A tenor not quoted, between two that were, lies on the line between them;
        before the first or after the last quoted it is NaN, and so is a day without any quotation.

    Raises
    ------
    DataError
        The tenors are not ascending, their number differs from the yields', or no zero curve gives these
        yields (yields in percent are the usual reason).

    Examples
    --------
    >>> bootstrap([0.04, 0.04], [1.0, 2.0]).round(6).tolist()
    [0.039605, 0.039605]
    """
    nodes, given = checked_tenors(tenors), np.asarray(par, np.float64)
    if given.shape[-1:] != nodes.shape:
        raise DataError(
            f"a par curve must have one yield per tenor, {nodes.size} in all",
            came=f"its shape is {given.shape}",
            do="Pass NaN where a tenor was not quoted",
        )
    rows = given.reshape(-1, nodes.size)
    zero = np.full(rows.shape, np.nan)
    patterns, which = np.unique(np.isfinite(rows), axis=0, return_inverse=True)
    for number, quoted in enumerate(patterns):
        if quoted.any():
            days = np.flatnonzero(which.reshape(-1) == number)
            zero[days] = _filled(_solved(rows[days][:, quoted], nodes[quoted], frequency), nodes, quoted)
    return zero.reshape(given.shape)


def par_yield(
    zero: npt.ArrayLike, tenors: npt.ArrayLike, maturities: npt.ArrayLike, *, frequency: int = SEMI_ANNUAL
) -> FloatArray:
    """Par yields of any maturities on a zero curve; turns `bootstrap` round at the tenors.

    ``y = (1 - D(T)) / (sum_i D(t_i) / m - a)``, with ``a`` the years of interest accrued; up to one period
    ``y = (1 / D(T) - 1) / T``.

    Parameters
    ----------
    zero : array_like [..., n_tenors]
        Continuous zero rates.
    tenors : array_like [n_tenors]
    maturities : array_like [n_maturities]
        Years, above zero.

    Returns
    -------
    FloatArray [..., n_maturities]
    """
    columns = []
    for maturity in np.atleast_1d(np.asarray(maturities, np.float64)):
        if maturity * frequency <= 1.0:
            end = np.exp(-zero_at(zero, tenors, maturity)[..., 0] * maturity)
            columns.append((1.0 / end - 1.0) / maturity)
            continue
        times = coupon_times(float(maturity), frequency)
        discount = np.exp(-zero_at(zero, tenors, times) * times)
        accrued = 1.0 / frequency - times[0]
        columns.append((1.0 - discount[..., -1]) / (discount.sum(axis=-1) / frequency - accrued))
    return np.stack(columns, axis=-1)


def _filled(solved: FloatArray, nodes: FloatArray, quoted: BoolArray) -> FloatArray:
    """Rates at all tenors from those quoted; none before the first and after the last of them."""
    inside = (nodes >= nodes[quoted][0]) & (nodes <= nodes[quoted][-1])
    return np.where(inside, solved @ tents(nodes, nodes[quoted]).T, np.nan)


def _solved(par: FloatArray, tenors: FloatArray, frequency: int) -> FloatArray:
    """Zero rates of complete par curves, [n_days, n_tenors]."""
    zero = np.empty(par.shape)
    for place, tenor in enumerate(tenors):
        coupon = par[:, place]
        if tenor * frequency <= 1.0:
            zero[:, place] = np.log1p(_grown(coupon * tenor)) / tenor
            continue
        times = coupon_times(float(tenor), frequency)
        flows = np.repeat(coupon[:, None] / frequency, times.size, axis=1)
        flows[:, -1] += 1.0
        price = 1.0 + coupon * (1.0 / frequency - times[0])
        weights = tents(times, tenors[: place + 1])
        known = zero[:, :place] @ weights[:, :place].T
        zero[:, place] = _root(flows, price, known=known, own=weights[:, -1], times=times, start=coupon)
    return zero


def _root(
    flows: FloatArray, price: FloatArray, *, known: FloatArray, own: FloatArray, times: FloatArray,
    start: FloatArray,
) -> FloatArray:  # fmt: skip
    """The rate of one tenor, per day, by Newton's method."""
    rate = np.array(start)
    for _ in range(_ROUNDS):
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a runaway rate ends below
            value = flows * np.exp(-(known + rate[:, None] * own) * times)
            step = (value.sum(axis=1) - price) / (value @ (times * own))
        rate = rate + step
        if not np.isfinite(rate).all():
            break
        if np.all(np.abs(step) <= _CLOSE * (1.0 + np.abs(rate))):
            return np.asarray(rate)
    raise _no_curve(float(np.nanmax(np.abs(start))))


def _grown(interest: FloatArray) -> FloatArray:
    if np.any(interest <= -1.0):
        raise _no_curve(float(np.nanmin(interest)))
    return interest


def _no_curve(size: float) -> DataError:
    return DataError(
        "par yields must be those of some zero curve, in decimals per year",
        came=f"none gives the yields that came (the largest in size is {size:g})",
        do="Divide yields in percent by 100; a yield of 4.5 % is 0.045",
    )
