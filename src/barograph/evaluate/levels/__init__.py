"""Judging forecasts in levels: scores of densities, Diebold-Mariano tests, claims and verdict."""

from barograph.evaluate.levels.claims import judge_levels
from barograph.evaluate.levels.comparing import level_comparisons, level_duel
from barograph.evaluate.levels.scores import level_scores

__all__ = ["judge_levels", "level_comparisons", "level_duel", "level_scores"]
