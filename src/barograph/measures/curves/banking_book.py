"""A banking book under moved curves: economic value, net interest income, several currencies.

Money in one currency's unit; rates decimals per year, continuous for value; a row of `moves` is a scenario.

Source: Basel Committee (April 2016), Interest rate risk in the banking book (d368), Annex 2 (value) and
chapter III.4 (income over twelve months on a constant balance sheet).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray

YEAR = 1.0
"""Horizon of net interest income, years."""


def economic_value(times: npt.ArrayLike, amounts: npt.ArrayLike, rates: npt.ArrayLike) -> FloatArray:
    """Present value of run-off cash flows, ``sum c exp(-r t)``, [...] for rates [..., n_flows]."""
    at = np.asarray(times, np.float64)
    return np.asarray(np.exp(-np.asarray(rates, np.float64) * at) @ np.asarray(amounts, np.float64))


def change_of_value(
    times: npt.ArrayLike, amounts: npt.ArrayLike, rates: npt.ArrayLike, moves: npt.ArrayLike
) -> FloatArray:
    """ΔEVE: the economic value at the moved rates less that at the present ones; losses negative.

    d368 writes it the other way round, as a loss; the sign here is that of profits everywhere in Barograph.

    Parameters
    ----------
    times, amounts, rates : array_like [n_flows]
        Years, net cash flows (assets less liabilities), continuous zero rates at these times.
    moves : array_like [..., n_flows]

    Returns
    -------
    FloatArray [...]
    """
    base = np.asarray(rates, np.float64)
    moved = economic_value(times, amounts, base + np.asarray(moves, np.float64))
    return np.asarray(moved - economic_value(times, amounts, base))


def change_of_income(
    reset: npt.ArrayLike, notional: npt.ArrayLike, moves: npt.ArrayLike, *, horizon: float = YEAR
) -> FloatArray:
    """ΔNII over the horizon: what reprices within it earns the moved rate for the rest of it.

    ``sum_i N_i Δr_i (horizon - t_i)⁺`` on a constant balance sheet: what matures is replaced by the same at
    the new rate; every balance reprices once.

    Parameters
    ----------
    reset, notional : array_like [n_balances]
        Years to the next repricing, and balances (assets positive, liabilities negative).
    moves : array_like [..., n_balances]
        Change of the rate that each balance is repriced to.
    """
    left = np.maximum(horizon - np.asarray(reset, np.float64), 0.0)
    return np.asarray(np.asarray(moves, np.float64) @ (np.asarray(notional, np.float64) * left))


def over_currencies(changes: npt.ArrayLike, *, gains_counted: float = 0.0) -> FloatArray:
    """Changes of each scenario over all currencies: losses in full, gains by a share, [n_scenarios].

    d368 adds the losses of each scenario over the currencies and counts no gain (share 0); the European
    rules count gains by half (share .5; Delegated Regulation (EU) 2024/856, recollected); 1 nets in full.

    Parameters
    ----------
    changes : array_like [n_currencies, n_scenarios]
        In one reporting currency, losses negative.
    """
    found = np.atleast_2d(np.asarray(changes, np.float64))
    return np.asarray(np.where(found < 0.0, found, gains_counted * found).sum(axis=0))


def worst(changes: npt.ArrayLike) -> tuple[int, float]:
    """The scenario with the largest loss, and that loss (zero where none loses)."""
    found = np.asarray(changes, np.float64)
    place = int(found.argmin())
    return place, max(0.0, -float(found[place]))
