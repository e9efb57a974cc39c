"""How a level report prints horizons and values."""

from __future__ import annotations

from barograph.evaluate.report.levels.content import LevelContent
from barograph.evaluate.report.words import Words, number, percent

UNSHARED = frozenset({"crps", "log_score"})
"""Figures on the study's scale; the others are in the target's own unit or shares."""


def in_unit(value: float | None, content: LevelContent, digits: int = 2) -> str:
    """A value in the target's own unit: shares in percent."""
    return percent(value, digits) if content.scale == "logit" else number(value, digits + 2)


def figure(value: float | None, metric: str, content: LevelContent) -> str:
    """A score as it is printed."""
    if metric in UNSHARED:
        return number(value)
    return percent(value, 0) if metric.startswith("coverage") else in_unit(value, content, 2)


def horizon_words(horizon: int, words: Words) -> str:
    """A horizon, and which period that is."""
    if horizon > 0:
        return words("levels.horizon.ahead", h=horizon)
    return words("levels.horizon.ended") if horizon == 0 else words("levels.horizon.ago", h=-horizon)
