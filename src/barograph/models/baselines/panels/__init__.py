"""Conventional models of a panel of levels: random walks, autoregressions, factors, GARCH scales."""

from barograph.models.baselines.panels.catalogue import LINEAR, PANEL_BASELINES, PanelModel, panel_baseline
from barograph.models.baselines.panels.past import Past

__all__ = ["LINEAR", "PANEL_BASELINES", "PanelModel", "Past", "panel_baseline"]
