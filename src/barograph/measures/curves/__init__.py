"""Yield curves, what is worth what on them, and what they do to a bond or a banking book.

`compounding` and `par` turn rates into one another, `interpolation` says what lies between tenors,
`nelson_siegel` fits few numbers. `bonds` and `key_rates` are sensitivities; `shocks`, `slots` and
`banking_book` are the supervisors' interest-rate risk; `ladder` values a book on simulated curves.
"""

from __future__ import annotations

from barograph.measures.curves.banking_book import (
    change_of_income,
    change_of_value,
    economic_value,
    over_currencies,
    worst,
)
from barograph.measures.curves.bonds import (
    BASIS_POINT,
    Sensitivity,
    coupon_flows,
    coupon_times,
    price,
    sensitivity,
    yield_to_maturity,
)
from barograph.measures.curves.compounding import (
    CONTINUOUS,
    continuous_rate,
    discount_factor,
    forward_rate,
    rate_from_continuous,
    zero_rate,
)
from barograph.measures.curves.interpolation import tents, zero_at
from barograph.measures.curves.key_rates import key_rate_durations, key_rate_values
from barograph.measures.curves.ladder import simulated_profits
from barograph.measures.curves.nelson_siegel import (
    DIEBOLD_LI,
    CurveFit,
    fit_factors,
    fit_nelson_siegel,
    fit_svensson,
    instantaneous_forward,
    loadings,
    spot,
    svensson_loadings,
)
from barograph.measures.curves.par import SEMI_ANNUAL, bootstrap, par_yield
from barograph.measures.curves.shocks import SHOCKS, floored, rising_floor, scenario_shift, supervisory_shocks
from barograph.measures.curves.slots import MIDPOINTS, slotted

__all__ = [
    "BASIS_POINT",
    "CONTINUOUS",
    "DIEBOLD_LI",
    "MIDPOINTS",
    "SEMI_ANNUAL",
    "SHOCKS",
    "CurveFit",
    "Sensitivity",
    "bootstrap",
    "change_of_income",
    "change_of_value",
    "continuous_rate",
    "coupon_flows",
    "coupon_times",
    "discount_factor",
    "economic_value",
    "fit_factors",
    "fit_nelson_siegel",
    "fit_svensson",
    "floored",
    "forward_rate",
    "instantaneous_forward",
    "key_rate_durations",
    "key_rate_values",
    "loadings",
    "over_currencies",
    "par_yield",
    "price",
    "rate_from_continuous",
    "rising_floor",
    "scenario_shift",
    "sensitivity",
    "simulated_profits",
    "slotted",
    "spot",
    "supervisory_shocks",
    "svensson_loadings",
    "tents",
    "worst",
    "yield_to_maturity",
    "zero_at",
    "zero_rate",
]
