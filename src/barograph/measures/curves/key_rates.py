"""Sensitivity to single points of the zero curve; the parts add up to the parallel shift.

Source: Ho (1992), Key rate durations: measures of interest rate risks, Journal of Fixed Income 2.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.measures.curves.bonds import BASIS_POINT
from barograph.measures.curves.interpolation import tents, zero_at


def key_rate_values(
    times: npt.ArrayLike, amounts: npt.ArrayLike, *, zero: npt.ArrayLike, tenors: npt.ArrayLike
) -> FloatArray:
    """Loss for one basis point more of each key rate, in money, [n_tenors].

    ``0.0001 sum_i t_i c_i D(t_i) w_j(t_i)``, where ``w_j`` is the tent about tenor j. Tents add up to one at
    every time, so that the values add up to that of a parallel shift of the continuous zero curve. Signs
    follow the cash flows: a liability gains.

    Parameters
    ----------
    times, amounts : array_like [n_flows]
        Years and money.
    zero, tenors : array_like [n_tenors]
        The curve, continuous; its tenors are the key rates.
    """
    at, paid = np.asarray(times, np.float64), np.asarray(amounts, np.float64)
    present = paid * np.exp(-zero_at(zero, tenors, at) * at)
    return np.asarray(BASIS_POINT * (at * present) @ tents(at, tenors))


def key_rate_durations(
    times: npt.ArrayLike, amounts: npt.ArrayLike, *, zero: npt.ArrayLike, tenors: npt.ArrayLike
) -> FloatArray:
    """Key-rate values as a share of the price, years: ``-(1/P) dP/dz_j``, [n_tenors].

    They add up to the Fisher-Weil duration, ``sum_i t_i p_i / P``.

    Raises
    ------
    DataError
        The present value is zero.
    """
    at = np.asarray(times, np.float64)
    value = float(np.exp(-zero_at(zero, tenors, at) * at) @ np.asarray(amounts, np.float64))
    if value == 0.0:
        raise DataError(
            "a duration is a share of the price, which must not be zero",
            came="the cash flows are worth nothing together",
            do="Use key_rate_values, which are in money",
        )
    return key_rate_values(at, amounts, zero=zero, tenors=tenors) / (BASIS_POINT * value)
