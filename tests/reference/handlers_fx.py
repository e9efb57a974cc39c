"""Answers to the cases on exchange rates, positions in them, and the capital of the trading book."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from dispatch import Handler
from scipy.special import ndtri

from barograph.measures import exposure, portfolio


def _cross_rates(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    names, quoted = list(inputs["eur_rates"]), np.array(list(inputs["eur_rates"].values()))
    crosses = exposure.cross_rates(quoted)

    def cross(pair: str) -> float:
        return float(crosses[names.index(pair[:3]), names.index(pair[3:])])

    pound, dollar = inputs["eur_rates"]["GBP"], inputs["eur_rates"]["USD"]
    return {
        **{pair: cross(pair) for pair in ("USDJPY", "GBPUSD", "GBPJPY", "USDCHF")},
        "triangular_product_USDJPY_JPYGBP_GBPUSD": cross("USDJPY") * cross("JPYGBP") * cross("GBPUSD"),
        "convert_1000_GBP_to_USD": float(exposure.converted(1000.0, pound, dollar)),
    }


def _shorthand(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    found = exposure.open_position(list(inputs["positions"].values()), gold=inputs["gold"])
    return {"longs": found.longs, "shorts": found.shorts, "base": found.shorthand, "charge": found.charge}


def _covariance(volatility: Any, correlation: Any) -> Any:
    return np.asarray(correlation) * np.outer(volatility, volatility)


def _riskmetrics(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    value, both = inputs["usd_value_of_position"], [[1.0, inputs["corr"]], [inputs["corr"], 1.0]]
    spread = _covariance([inputs["fx_vol_daily"], inputs["bond_vol_daily"]], both)
    found = portfolio.delta_normal([value, value], spread, quantile=inputs["multiplier"])
    return {
        "fx_VaR": float(found.stand_alone[0]),
        "bond_VaR": float(found.stand_alone[1]),
        "diversified_VaR": found.value_at_risk,
        "undiversified_VaR": found.undiversified,
    }


def _components(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    spread = _covariance(inputs["daily_vol"], inputs["corr"]) * inputs["horizon_days"]
    quantile = float(ndtri(inputs["confidence"]))
    found = portfolio.delta_normal(inputs["positions_base_ccy"], spread, quantile=quantile)
    return {
        "portfolio_sd": found.standard_deviation,
        "VaR": found.value_at_risk,
        "undiversified": found.undiversified,
        "marginal_VaR": found.marginal.tolist(),
        "component_VaR": found.component.tolist(),
    }


def _liquidity(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    horizons, base = inputs["LH"], inputs["T"]
    return {
        "ES": portfolio.liquidity_scaled(inputs["ES_nested"], horizons, base=base),
        "weights": portfolio.liquidity_weights(horizons, base=base).tolist(),
        "ES_stressed": portfolio.stressed_shortfall(
            inputs["ES_RS"], full=inputs["ES_FC"], reduced=inputs["ES_RC"]
        ),
        "IMCC": portfolio.internal_model_charge(
            inputs["imcc_unconstrained"], [inputs["imcc_constrained_sum"]]
        ),
    }


def _zones(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    pairs = zip(inputs["spearman"], inputs["ks"], strict=True)
    return {"zone": [portfolio.attribution_zone(correlation, distance) for correlation, distance in pairs]}


HANDLERS: dict[str, Handler] = {
    "cross rates": _cross_rates,
    "shorthand fx charge": _shorthand,
    "riskmetrics fx bond": _riskmetrics,
    "marginal component net open position": _components,
    "liquidity horizon imcc": _liquidity,
    "attribution zone": _zones,
}
