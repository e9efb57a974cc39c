"""Extreme quantiles from the generalised Pareto distribution over a threshold.

McNeil and Frey (2000), Journal of Empirical Finance 7; McNeil, Frey and Embrechts (2015), section 5.2.
"""

from __future__ import annotations

import numpy as np

from barograph.core.errors import DataError


def pareto_value_at_risk(
    alpha: float, *, shape: float, scale: float, threshold: float, n_obs: int, n_exceedances: int
) -> float:
    """VaR beyond the threshold, a positive loss in the unit of the threshold.

    ``u + scale / shape [(n alpha / n_u)^-shape - 1]``, and ``u - scale ln(n alpha / n_u)`` for shape 0.

    Parameters
    ----------
    alpha : float
        Tail probability, not above ``n_exceedances / n_obs``: below the threshold the fit says nothing.
    shape, scale : float
        Of the excesses over the threshold; the scale is positive.
    threshold : float
        The loss u beyond which the distribution was fitted.
    n_obs, n_exceedances : int
        Sample size and how many losses exceeded the threshold.

    Examples
    --------
    >>> figures = dict(shape=0.436, scale=32.532, threshold=160.0, n_obs=500, n_exceedances=22)
    >>> round(pareto_value_at_risk(0.01, **figures), 2)
    227.74
    """
    share = n_obs * alpha / n_exceedances
    if not 0.0 < share <= 1.0 or scale <= 0.0:
        raise DataError(
            "the tail probability must lie beyond the threshold and the scale must be positive",
            came=f"alpha {alpha} of {n_obs} with {n_exceedances} over the threshold, scale {scale}",
            do="Use a smaller alpha or a lower threshold",
        )
    growth = -np.log(share) if shape == 0.0 else np.expm1(-shape * np.log(share)) / shape
    return threshold + scale * float(growth)


def pareto_expected_shortfall(
    alpha: float, *, shape: float, scale: float, threshold: float, n_obs: int, n_exceedances: int
) -> float:
    """ES beyond the threshold: ``(VaR + scale - shape u) / (1 - shape)``; infinite for shape >= 1.

    Parameters as in `pareto_value_at_risk`.
    """
    value_at_risk = pareto_value_at_risk(
        alpha, shape=shape, scale=scale, threshold=threshold, n_obs=n_obs, n_exceedances=n_exceedances
    )
    if shape >= 1.0:
        return float("inf")
    return (value_at_risk + scale - shape * threshold) / (1.0 - shape)
