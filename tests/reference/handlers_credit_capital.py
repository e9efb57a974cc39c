"""Answers to the cases on scorecards, regulatory capital, portfolio losses and provisions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from dispatch import Handler

from barograph.measures.credit import capital, ifrs9, vasicek
from barograph.measures.credit.scorecard import Scaling
from barograph.measures.credit.weight_of_evidence import (
    information_terms,
    information_value,
    weight_of_evidence,
)

CLASSES: dict[str, capital.AssetClass] = {
    "corp": "corporate",
    "corporate": "corporate",
    "mort": "mortgage",
    "mortgage": "mortgage",
    "qrre": "revolving",
    "other": "other_retail",
}
LEVELS = (0.95, 0.99, 0.999)


def _evidence(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    names = [line["bin"] for line in inputs["bins"]]
    counts = [line["goods"] for line in inputs["bins"]], [line["bads"] for line in inputs["bins"]]
    woe, value = weight_of_evidence(*counts), information_value(*counts)
    return {
        "woe": dict(zip(names, woe.tolist(), strict=True)),
        "iv_terms": information_terms(*counts).tolist(),
        "iv": value,
        "published": {
            "woe_x100": {name: round(100 * one, 3) for name, one in zip(names, woe, strict=True)},
            "iv": round(value, 3),
        },
    }


def _scaling(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    scaling = Scaling(inputs["pdo"], inputs["target_score"], inputs["target_odds_good_bad"])
    return {
        "factor": scaling.factor,
        "offset": scaling.offset,
        "scores": scaling.score(-np.log(inputs["odds"])).tolist(),
        "published": {"factor": scaling.factor, "offset": scaling.offset},
    }


def _risk_weights(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Columns such as ``corporate LGD45 turnover50`` against rows of PDs, without a floor of effect."""
    table = {}
    for pd in inputs["pd"]:
        cells = []
        for column in inputs["columns"]:
            parts = column.lower().split()
            numbers = {name: float(part.removeprefix(name)) for part in parts
                       for name in ("lgd", "turnover") if part.startswith(name)}  # fmt: skip
            kind = CLASSES[parts[0]] if "turnover" not in numbers else "sme"
            figures = capital.irb_capital(
                pd,
                lgd=numbers["lgd"] / 100,
                ead=1.0,
                asset_class=kind,
                maturity=inputs["maturity"],
                turnover=numbers.get("turnover", np.inf),
                pd_floor=capital.LOWEST_PD,
            )
            cells.append(100 * float(figures.risk_weight))
        table[str(pd)] = cells
    return {"risk_weight_percent": table}


def _capital(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {"results": [_exposure(one) for one in inputs["exposures"]]}


def _exposure(one: dict[str, Any]) -> dict[str, float | None]:
    kind = CLASSES[one["cls"]] if one.get("S") is None else "sme"
    figures = capital.irb_capital(
        one["pd"],
        lgd=one["lgd"],
        ead=one["ead"],
        asset_class=kind,
        maturity=one.get("M", 2.5),
        turnover=np.inf if one.get("S") is None else one["S"],
        multiplier=one.get("avc", 1.0),
        pd_floor=capital.LOWEST_PD,
    )
    return {
        "R": float(figures.correlation),
        "b": float(figures.maturity_slope),
        "K": float(figures.requirement),
        "RW": float(figures.risk_weight),
        "RWA": float(figures.risk_weighted_assets),
        "EL": float(figures.expected_loss),
    }


def _defaulted(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    figures = capital.defaulted_capital(inputs["lgd"], best_estimate=inputs["beel"], ead=inputs["ead"])
    return {
        "K": float(figures.requirement),
        "RWA": float(figures.risk_weighted_assets),
        "EL": float(figures.expected_loss),
    }


def _worst_case(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    shared = {"correlation": inputs["rho"], "level": inputs["confidence"]}
    rate = float(vasicek.worst_case_default_rate(inputs["pd"], **shared))
    loss = vasicek.loss_quantile(
        inputs["pd"], lgd=1.0 - inputs["recovery"], ead=inputs["portfolio"], **shared
    )
    return {"wcdr": rate, "loss": loss, "published": {"wcdr": rate, "loss": loss}}


def _portfolio(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {"results": [_default_rate(one["pd"], one["rho"]) for one in inputs["cases"]]}


def _default_rate(pd: float, rho: float) -> dict[str, float]:
    moments = vasicek.default_rate_moments(pd, correlation=rho)
    quantiles = vasicek.worst_case_default_rate(pd, correlation=rho, level=np.array(LEVELS))
    return {
        "joint_default_prob": float(moments.joint_default),
        "sd_default_rate": float(moments.standard_deviation),
        "default_correlation": float(moments.default_correlation),
        **{f"q{str(level)[2:]}": float(q) for level, q in zip(LEVELS, quantiles, strict=True)},
    }


def _provisions(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    lines = inputs["matrix"]
    allowances = ifrs9.provision_matrix([one["gross"] for one in lines], [one["rate"] for one in lines])
    loss = ifrs9.twelve_month_loss(inputs["pd12"], lgd=inputs["lgd"], ead=inputs["loan"])
    return {
        "ecl_12m": float(loss),
        "matrix_allowances": allowances.tolist(),
        "matrix_total": float(allowances.sum()),
    }


def _lifetime(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    losses = {
        name: ifrs9.lifetime_loss(
            pds, lgd=inputs["lgd"], ead=inputs["ead_at_default_year"], rate=inputs["eir"]
        )
        for name, pds in inputs["conditional_annual_pd"].items()
    }
    weights = [inputs["weights"][name] for name in losses]
    return {
        "per_scenario": {name: _years(one) for name, one in losses.items()},
        "weighted_lifetime": float(
            ifrs9.scenario_weighted([one.lifetime for one in losses.values()], weights)
        ),
        "weighted_12m": float(
            ifrs9.scenario_weighted([one.twelve_month for one in losses.values()], weights)
        ),
    }


def _years(one: ifrs9.LifetimeLoss) -> dict[str, Any]:
    columns = (one.marginal, one.survival, one.discount, one.loss)
    names = ("marginal_pd", "survival", "df", "ecl")
    return {
        "rows": [
            {"year": year, **dict(zip(names, map(float, cells), strict=True))}
            for year, cells in enumerate(zip(*columns, strict=True), start=1)
        ],
        "lifetime": float(one.lifetime),
        "twelve_month": float(one.twelve_month),
        "cumulative_pd": float(one.cumulative),
    }


HANDLERS: dict[str, Handler] = {
    "weight evidence": _evidence,
    "scorecard scaling": _scaling,
    "IRB risk weights": _risk_weights,
    "IRB capital": _capital,
    "defaulted exposure": _defaulted,
    "Vasicek worst case default rate": _worst_case,
    "Vasicek portfolio loss distribution": _portfolio,
    "IFRS provision matrix": _provisions,
    "IFRS lifetime": _lifetime,
}
