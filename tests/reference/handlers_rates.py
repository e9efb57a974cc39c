"""Answers to the cases on interest rates: supervisory shocks, economic value, curve shapes, bonds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from dispatch import Handler

from barograph.collect.shock_sizes import open_calibration
from barograph.core.shock_sizes import ShockSizes
from barograph.measures import curves

POINTS = 1e4


def _in_points(sizes: ShockSizes) -> dict[str, float]:
    named = {"parallel": sizes.parallel, "short": sizes.short, "long": sizes.long}
    return {name: round(POINTS * size, 9) for name, size in named.items()}


def _sizes(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    basel, union = (open_calibration(name).sizes for name in ("bcbs_d368", "eu_2024_856"))
    return {
        "d368": {currency: _in_points(found) for currency, found in basel.items()},
        "eu_additional": {name: _in_points(found) for name, found in union.items() if name not in basel},
    }


def _worked_example(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    sizes = ShockSizes(parallel=0.01, short=inputs["Rs"] / POINTS, long=inputs["Rl"] / POINTS)
    found = dict(
        zip(curves.SHOCKS, POINTS * curves.supervisory_shocks(inputs["t"], sizes)[:, 0], strict=True)
    )
    return {
        "S_short": found["short_up"] / inputs["Rs"],
        "short_up_bp": found["short_up"],
        "steepener_bp": found["steepener"],
        "flattener_bp": found["flattener"],
    }


def _six_shocks(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    calibration = open_calibration("bcbs_" + inputs["calibration"].split()[0])
    assert curves.MIDPOINTS.tolist() == inputs["midpoints_years"]
    found = POINTS * curves.supervisory_shocks(curves.MIDPOINTS, calibration.of(inputs["currency"]))
    return {"shocks_bp": [dict(zip(curves.SHOCKS, column, strict=True)) for column in found.T.tolist()]}


def _economic_value(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    times, amounts = np.array(inputs["net_cash_flows"]).T
    sizes = ShockSizes(**{name: size / POINTS for name, size in inputs["shock_sizes_bp"].items()})
    rates = np.array(inputs["zero_rates"])
    moves = curves.supervisory_shocks(times, sizes)
    changes = curves.change_of_value(times, amounts, rates, moves)
    place, loss = curves.worst(changes)
    return {
        "base_eve": float(curves.economic_value(times, amounts, rates)),
        "delta_eve": dict(zip(curves.SHOCKS, changes.tolist(), strict=True)),
        "worst": curves.SHOCKS[place],
        "max_loss": loss,
    }


def _nelson_siegel(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    months, decay = inputs["maturities_months"], inputs["lam"]
    found = curves.loadings(months, decay)
    fine = np.arange(20.0, 40.0, 1e-5)
    return {
        "slope_loading": found[:, 1].tolist(),
        "curvature_loading": found[:, 2].tolist(),
        "yields": curves.spot(months, inputs["beta"], (1.0 / decay,)).tolist(),
        "curvature_max_at_months": float(fine[np.argmax(curves.loadings(fine, decay)[:, 2])]),
    }


def _svensson(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    factors = [inputs[f"beta{place}"] for place in range(4)]
    taus, years = (inputs["tau1"], inputs["tau2"]), np.array(inputs["t"], dtype=float)
    spot = curves.spot(years, factors, taus)
    return {
        "spot": spot.tolist(),
        "forward": curves.instantaneous_forward(years, factors, taus).tolist(),
        "discount": curves.discount_factor(spot / 100.0, years).tolist(),
        "limit_t0": float(curves.spot([0.0], factors, taus)[0]),
    }


def _textbook_bond(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    times, amounts = _flows(inputs)
    by_continuous = curves.sensitivity(times, amounts, inputs["yield_continuous"])
    periods = inputs["frequency"]
    by_period = curves.sensitivity(times, amounts, inputs["yield_semiannual"], compounding=periods)
    moved = curves.price(times, amounts, inputs["yield_continuous"] + 10 * curves.BASIS_POINT)
    return {
        "price": by_continuous.price,
        "duration": by_continuous.macaulay,
        "price_change_for_plus_10bp": float(moved) - by_continuous.price,
        "modified_duration_semiannual": by_period.modified,
    }


def _bond(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    times, amounts = _flows(inputs)
    rate, periods = inputs["yield_compounded_at_coupon_frequency"], inputs["frequency"]
    found = curves.sensitivity(times, amounts, rate, compounding=periods)
    low, high = (
        float(curves.price(times, amounts, rate + step * curves.BASIS_POINT, compounding=periods))
        for step in (-1, 1)
    )
    return {
        "price": found.price,
        "macaulay": found.macaulay,
        "modified": found.modified,
        "convexity": found.convexity,
        "dv01": found.dv01,
        "dv01_central_bump": (low - high) / 2.0,
        "quantlib_bpv": -found.dv01 + 0.5 * found.convexity * found.price * curves.BASIS_POINT**2,
    }


def _flows(inputs: dict[str, Any]) -> tuple[Any, Any]:
    return curves.coupon_flows(
        inputs["coupon"], frequency=inputs["frequency"], years=inputs["years"], face=inputs["face"]
    )


HANDLERS: dict[str, Handler] = {
    "irrbb shock sizes": _sizes,
    "short rotation shocks worked example": _worked_example,
    "six eve shocks midpoints": _six_shocks,
    "delta eve": _economic_value,
    "nelson siegel loadings": _nelson_siegel,
    "svensson spot forward": _svensson,
    "bond price duration textbook": _textbook_bond,
    "bond macaulay convexity": _bond,
}
