"""Exchange rates between any two currencies, from quotations against one base.

A quotation is units of a currency for one unit of the base, as the ECB's reference rates are (base EUR). The
base itself is quoted at one. NaN spreads.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError


def cross_rates(quoted: npt.ArrayLike) -> FloatArray:
    """Units of currency j for one of currency i: ``q_j / q_i``, [..., k, k].

    No triangular gap by construction: ``x_ij x_jk = x_ik`` but for the last digit. Log returns of crosses
    are differences of the quotations' log returns; simple returns are not.

    Source: ECB, Euro foreign exchange reference rates (cross rates by division).

    Parameters
    ----------
    quoted : array_like [..., k]
        Above zero.

    Examples
    --------
    >>> float(cross_rates([1.1789, 133.73])[0, 1].round(6))
    113.436254
    """
    rate = _above_zero(quoted)
    return np.asarray(rate[..., None, :] / rate[..., :, None])


def converted(amount: npt.ArrayLike, quoted_from: npt.ArrayLike, quoted_to: npt.ArrayLike) -> FloatArray:
    """An amount of one currency in another: ``amount q_to / q_from``."""
    ratio = _above_zero(quoted_to) / _above_zero(quoted_from)
    return np.asarray(np.asarray(amount, np.float64) * ratio)


def cross_variance(covariance: npt.ArrayLike) -> FloatArray:
    """Variance of the log return of each cross, ``c_ii + c_jj - 2 c_ij``, [k, k]; never below zero.

    Parameters
    ----------
    covariance : array_like [k, k]
        Of the quotations' log returns against the base; a pegged currency has zeros.
    """
    given = np.asarray(covariance, np.float64)
    own = np.diag(given)
    return np.asarray(np.maximum(own[:, None] + own[None, :] - 2.0 * given, 0.0))


def _above_zero(quoted: npt.ArrayLike) -> FloatArray:
    rate = np.asarray(quoted, np.float64)
    if np.any(rate <= 0.0):
        raise DataError(
            "an exchange rate must be above zero",
            came=f"the lowest is {float(np.nanmin(rate)):g}",
            do="Give units of the currency for one unit of the base",
        )
    return rate
