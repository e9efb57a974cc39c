"""Every shipped study by name, written out by hand."""

from __future__ import annotations

from barograph.core.recipe import Recipe
from barograph.risks.credit import default as credit_default
from barograph.risks.credit import default_rate as credit_default_rate
from barograph.risks.credit import german as credit_german
from barograph.risks.credit import lgd as credit_lgd
from barograph.risks.fx import depreciation as fx_depreciation
from barograph.risks.fx import volatility as fx_volatility
from barograph.risks.market import macro as market_macro
from barograph.risks.market import volatility as market_volatility
from barograph.risks.operational import fraud as operational_fraud
from barograph.risks.operational import fraud_cards as operational_fraud_cards
from barograph.risks.operational import laundering as operational_laundering
from barograph.risks.operational import losses as operational_losses
from barograph.risks.rates import curve as rates_curve

__all__ = ["DEFAULT_STUDY", "RECIPES"]

RECIPES: dict[str, Recipe] = {
    recipe.study.name: recipe
    for recipe in (
        market_volatility.RECIPE,
        market_macro.RECIPE,
        credit_default.RECIPE,
        credit_lgd.RECIPE,
        credit_default_rate.RECIPE,
        credit_german.RECIPE,
        operational_fraud.RECIPE,
        operational_fraud_cards.RECIPE,
        operational_laundering.RECIPE,
        operational_losses.RECIPE,
        rates_curve.RECIPE,
        rates_curve.MONTHLY,
        fx_volatility.RECIPE,
        fx_depreciation.RECIPE,
    )
}
"""Study name -> recipe."""

DEFAULT_STUDY: dict[str, str] = {
    "market": "market/volatility",
    "credit": "credit/default",
    "operational": "operational/fraud",
    "rates": "rates/curve",
    "fx": "fx/volatility",
}
"""Risk -> the study meant when only the risk is named."""
