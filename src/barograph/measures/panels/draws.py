"""Joint scenarios: errors of the past, taken whole, in the spread of today."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray

LEAST_JOINT = 30
"""Past origins at which all series are known that scenarios are drawn from."""


def joint_draws(
    errors: FloatArray, weight: FloatArray, *, n: int, generator: np.random.Generator
) -> FloatArray:
    """Standardised errors ``[n, E]`` drawn from past origins ``[n_past, E]``.

    Origins are drawn with replacement by weight, all series of an origin together, so that what moved
    together moves together; each draw gets a sign of its own, for densities are symmetric. A series that is
    NaN at every origin stays NaN.

    Raises
    ------
    ValueError
        Fewer than `LEAST_JOINT` origins know all the series.

    References
    ----------
    Barone-Adesi, Giannopoulos and Vosper (1999), VaR without correlations for portfolios of derivative
    securities, J. Futures Markets 19 (filtered historical simulation).
    """
    alive = np.isfinite(errors).any(axis=0)
    whole = np.isfinite(errors[:, alive]).all(axis=1)
    if whole.sum() < LEAST_JOINT:
        raise ValueError(f"{int(whole.sum())} joint errors are known, {LEAST_JOINT} are needed")
    share = weight[whole] / weight[whole].sum()
    picked = generator.choice(int(whole.sum()), size=n, p=share)
    sign = np.where(generator.random(n) < 0.5, -1.0, 1.0)
    return np.asarray(errors[whole][picked] * sign[:, None])
