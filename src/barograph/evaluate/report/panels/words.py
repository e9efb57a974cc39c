"""How a panel report prints horizons, series and errors."""

from __future__ import annotations

from barograph.evaluate.report.panels.content import PanelContent
from barograph.evaluate.report.words import Words, number, percent

BASIS_POINT = 1e4


def horizon_words(horizon: int, content: PanelContent, words: Words) -> str:
    """Such as `22 days`."""
    return words(f"panels.horizon.{content.frequency}", h=horizon)


def error(value: float | None, content: PanelContent) -> str:
    """A mean error: basis points of rates, otherwise on the work scale."""
    if value is None:
        return number(None)
    return number(BASIS_POINT * value, 1) if content.rates else number(value)


def figure(value: float | None, metric: str, content: PanelContent) -> str:
    """A score as it is printed."""
    return percent(value, 1) if metric.startswith("coverage") else error(value, content)


def level(value: float, content: PanelContent) -> str:
    """A level in its own unit: rates in percent."""
    return percent(value, 2) if content.rates else number(value, 3)
