"""Conventional models of unusual records, fitted without labels; `measures.anomaly` applies them."""

from barograph.models.baselines.anomaly.catalogue import (
    ANOMALY_BASELINES,
    anomaly_baseline,
    fit_anomaly_baseline,
)
from barograph.models.baselines.anomaly.ecod import fit_ecod
from barograph.models.baselines.anomaly.isolation_forest import fit_isolation_forest
from barograph.models.baselines.anomaly.neighbours import fit_neighbours
from barograph.models.baselines.anomaly.pca import fit_pca

__all__ = [
    "ANOMALY_BASELINES",
    "anomaly_baseline",
    "fit_anomaly_baseline",
    "fit_ecod",
    "fit_isolation_forest",
    "fit_neighbours",
    "fit_pca",
]
