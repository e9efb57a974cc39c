"""Profits of a ladder of cash flows over a horizon, from simulated changes of its zero curve."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.measures.curves.interpolation import tents, zero_at

_CHUNK = 4096
"""Draws valued at once, so that memory stays small."""


def simulated_profits(
    times: npt.ArrayLike,
    amounts: npt.ArrayLike,
    *,
    zero: npt.ArrayLike,
    tenors: npt.ArrayLike,
    changes: npt.ArrayLike,
    elapsed: float = 0.0,
) -> FloatArray:
    """Profit of every draw: the ladder at the end of the horizon on the moved curve, less its value now.

    ``sum_(t_i > e) c_i exp(-(z(t_i - e) + Δ(t_i - e)) (t_i - e)) + sum_(t_i <= e) c_i - V``, where e are the
    years of the horizon: carry and roll-down are in the profit. What is paid meanwhile earns nothing. With
    ``elapsed=0`` it is the profit of a shock at once.

    VaR and ES of these profits: `measures.portfolio.value_at_risk` and `expected_shortfall`.

    Parameters
    ----------
    times, amounts : array_like [n_flows]
        Years and money.
    zero, tenors : array_like [n_tenors]
        Present continuous zero rates and their tenors.
    changes : array_like [n_draws, n_tenors]
        Simulated changes of the zero rates over the horizon.
    elapsed : float
        Horizon in years.

    Returns
    -------
    FloatArray [n_draws]
    """
    at, paid = np.asarray(times, np.float64), np.asarray(amounts, np.float64)
    drawn, now = np.asarray(changes, np.float64), np.asarray(zero, np.float64)
    value = float(np.exp(-zero_at(now, tenors, at) * at) @ paid)
    coming = at > elapsed
    left, flows = at[coming] - elapsed, paid[coming]
    weights, received = tents(left, tenors), float(paid[~coming].sum())
    parts = [
        np.exp(-((now + drawn[first : first + _CHUNK]) @ weights.T) * left) @ flows
        for first in range(0, drawn.shape[0], _CHUNK)
    ]
    return np.asarray(np.concatenate([np.zeros(0), *parts]) + received - value)
