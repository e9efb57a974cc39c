"""Judging a panel of levels: error ratios by series and horizon, tests, densities, direction, claims."""

from barograph.evaluate.panels.cells import Cell, panel_cells, pooled_duel
from barograph.evaluate.panels.claims import judge_panel
from barograph.evaluate.panels.losses import blocks
from barograph.evaluate.panels.scores import panel_scores

__all__ = ["Cell", "blocks", "judge_panel", "panel_cells", "panel_scores", "pooled_duel"]
