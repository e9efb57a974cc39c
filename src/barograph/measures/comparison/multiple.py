"""Many tests at once."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray


def holm(p_values: FloatArray) -> FloatArray:
    r"""Holm's step-down correction: p-values that keep the chance of any false rejection.

    .. math:: \tilde p_{(i)} = \max_{j \le i}\min\{(m - j + 1)\,p_{(j)},\,1\}

    Parameters
    ----------
    p_values : FloatArray [n]
        NaN stands for a test that could not be made: it stays NaN and is not counted in m.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Statistics 6.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(12).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.maximum.accumulate(np.minimum(factors * p[order], 1.0)) if order.size else []
    return adjusted
