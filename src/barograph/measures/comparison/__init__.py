"""Tests that compare forecasters: on one series, on a panel, nested, conditional, and many at once."""

from barograph.measures.comparison.clark_west import clark_west, clark_west_adjusted
from barograph.measures.comparison.confidence_set import (
    ConfidenceSet,
    confidence_set,
)
from barograph.measures.comparison.diebold_mariano import diebold_mariano, panel_diebold_mariano
from barograph.measures.comparison.error_ratio import ErrorRatio, error_ratio
from barograph.measures.comparison.fluctuation import Fluctuation, fluctuation
from barograph.measures.comparison.giacomini_white import giacomini_white
from barograph.measures.comparison.long_run import automatic_lags, long_run_variance
from barograph.measures.comparison.multiple import holm
from barograph.measures.comparison.pesaran_timmermann import pesaran_timmermann
from barograph.measures.comparison.resampling import block_means, indexed_means

__all__ = [
    "ConfidenceSet",
    "ErrorRatio",
    "Fluctuation",
    "automatic_lags",
    "block_means",
    "clark_west",
    "clark_west_adjusted",
    "confidence_set",
    "diebold_mariano",
    "error_ratio",
    "fluctuation",
    "giacomini_white",
    "holm",
    "indexed_means",
    "long_run_variance",
    "panel_diebold_mariano",
    "pesaran_timmermann",
]
