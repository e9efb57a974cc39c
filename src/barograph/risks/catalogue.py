"""Every shipped study by name, written out by hand."""

from __future__ import annotations

from barograph.core.recipe import Recipe
from barograph.risks.market import volatility as market_volatility

__all__ = ["DEFAULT_STUDY", "RECIPES"]

RECIPES: dict[str, Recipe] = {recipe.study.name: recipe for recipe in (market_volatility.RECIPE,)}
"""Study name -> recipe."""

DEFAULT_STUDY: dict[str, str] = {"market": "market/volatility"}
"""Risk -> the study meant when only the risk is named."""
