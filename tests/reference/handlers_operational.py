"""Answers to the cases on operational losses: the Basel standardised approach and the year's total loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dispatch import Handler

from barograph.measures.losses.compound import annual_moments, annual_quantiles
from barograph.measures.losses.frequency import Frequency
from barograph.measures.losses.severity import Lognormal
from barograph.measures.losses.single_loss import single_loss_quantile
from barograph.measures.losses.standardised import (
    Accounts,
    business_indicator,
    indicator_component,
    standardised_capital,
)

LEVELS = (0.5, 0.95, 0.99, 0.999)
HIGH = LEVELS[-1]
ACCOUNTS = {
    "II": "interest_income",
    "IE": "interest_expense",
    "IEA": "interest_earning_assets",
    "DI": "dividend_income",
    "OOI": "other_income",
    "OOE": "other_expense",
    "FI": "fee_income",
    "FE": "fee_expense",
    "TB": "trading_result",
    "BB": "banking_result",
}
UNITS_IN_A_BILLION = {"million": 1e3, "billion": 1.0}


def _indicator_component(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {"BIC_bn": indicator_component(inputs["BI_bn"], billion=1.0).tolist()}


def _capital(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    found = [
        standardised_capital(case["BI_bn"], case["avg_annual_loss_bn"], billion=1.0)
        for case in inputs["cases"]
    ]
    return {
        "BIC": [one.indicator_component for one in found],
        "LC": [one.loss_component for one in found],
        "ILM": [one.multiplier for one in found],
        "capital_bn": [one.requirement for one in found],
        "RWA_bn": [one.risk_weighted_assets for one in found],
    }


def _indicator(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    years = [Accounts(**{ACCOUNTS[name]: value for name, value in year.items()}) for year in inputs["years"]]
    found = business_indicator(years)
    billion = UNITS_IN_A_BILLION[inputs["unit"].split()[-1]]
    return {
        "ILDC": found.interest,
        "SC": found.services,
        "FC": found.financial,
        "BI": found.total,
        "BIC": float(indicator_component(found.total, billion=billion)),
    }


def _annual_loss(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {model["name"]: _one_year(model) for model in inputs["models"]}


def _one_year(model: dict[str, Any]) -> dict[str, Any]:
    frequency, severity = Frequency(model["lam"]), Lognormal(model["mu"], model["sigma"])
    quantiles = annual_quantiles(frequency, severity, LEVELS).value
    mean, sd = annual_moments(frequency, severity)
    one, corrected = (
        float(single_loss_quantile(frequency, severity, HIGH, mean_corrected=add)) for add in (False, True)
    )
    return {
        "quantiles": {str(level): float(value) for level, value in zip(LEVELS, quantiles, strict=True)},
        "mean": mean,
        "sd": sd,
        "single_loss_approx_999": one,
        "single_loss_mean_corrected_999": corrected,
        "unexpected_loss_999": float(quantiles[-1] - mean),
    }


HANDLERS: dict[str, Handler] = {
    "business indicator component": _indicator_component,
    "internal loss multiplier": _capital,
    "business indicator accounts": _indicator,
    "compound poisson lognormal quantiles": _annual_loss,
}
