"""The conventional anomaly models by their keys."""

from __future__ import annotations

from collections.abc import Callable

from barograph.core.arrays import FloatArray
from barograph.core.errors import unknown
from barograph.core.fitted_value import FittedValue
from barograph.models.baselines.anomaly.ecod import fit_ecod
from barograph.models.baselines.anomaly.isolation_forest import fit_isolation_forest
from barograph.models.baselines.anomaly.neighbours import fit_neighbours
from barograph.models.baselines.anomaly.pca import fit_pca

Fit = Callable[[FloatArray, int], FittedValue]
"""Takes the training rows [n, F] and a seed."""

ANOMALY_BASELINES: dict[str, Fit] = {
    "ecod": lambda matrix, seed: fit_ecod(matrix),
    "isolation_forest": lambda matrix, seed: fit_isolation_forest(matrix, seed=seed),
    "knn": lambda matrix, seed: fit_neighbours(matrix, seed=seed),
    "pca": lambda matrix, seed: fit_pca(matrix),
}
"""What a study may name."""


def anomaly_baseline(key: str) -> Fit:
    """How the model of a key is fitted; `SettingError` for one that does not exist."""
    if key not in ANOMALY_BASELINES:
        raise unknown("an unsupervised baseline", key, ANOMALY_BASELINES)
    return ANOMALY_BASELINES[key]


def fit_anomaly_baseline(key: str, matrix: FloatArray, *, seed: int) -> FittedValue:
    """Fit a conventional anomaly model on rows believed to be usual.

    Parameters
    ----------
    key : str
        Of `ANOMALY_BASELINES`.
    matrix : array [n, F]
        Finite, n at least 2. All rows are used, so the caller cuts at the origin.
    seed : int
        Decides every random draw.

    Returns
    -------
    FittedValue
        For `measures.anomaly.anomaly_score`.

    Raises
    ------
    SettingError
        For a key that does not exist.
    DataError
        Where the matrix is no table of finite numbers.
    """
    return anomaly_baseline(key)(matrix, seed)
