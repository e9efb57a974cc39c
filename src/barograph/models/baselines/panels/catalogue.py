"""The conventional models of a panel of levels by their keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from barograph.core.errors import unknown
from barograph.core.fitted_panels import PanelScaleParameters
from barograph.core.fitted_value import FittedValue
from barograph.models.baselines.panels.factors import fit_dns_ar, fit_dns_var, fit_pca_var, fit_var
from barograph.models.baselines.panels.garch import fit_garch
from barograph.models.baselines.panels.past import Past
from barograph.models.baselines.panels.walks import fit_autoregression, fit_drift, fit_random_walk

LINEAR = "linear"
"""Key of the control."""


@dataclass(frozen=True, slots=True)
class PanelModel:
    """How a model's mean is fitted, and its deviation where that is not the moving variance all share."""

    fit: Callable[[Past], FittedValue]
    scale: Callable[[Past], PanelScaleParameters] | None = None
    curves: bool = False  # needs a curve of at least four tenors
    least_series: int = 1  # series of a group that it needs


PANEL_BASELINES: dict[str, PanelModel] = {
    "ar": PanelModel(fit_autoregression),
    "dns_ar": PanelModel(fit_dns_ar, curves=True, least_series=4),
    "dns_var": PanelModel(fit_dns_var, curves=True, least_series=4),
    "drift": PanelModel(fit_drift),
    "pca_var": PanelModel(fit_pca_var, least_series=4),
    "random_walk": PanelModel(fit_random_walk),
    "random_walk_garch": PanelModel(fit_random_walk, scale=fit_garch),
    "var": PanelModel(fit_var, least_series=2),
}
"""Every baseline by its key."""


def panel_baseline(key: str) -> PanelModel:
    """The model of a key; `SettingError` for one that does not exist."""
    if key not in PANEL_BASELINES:
        raise unknown("a baseline of a panel of levels", key, PANEL_BASELINES)
    return PANEL_BASELINES[key]
