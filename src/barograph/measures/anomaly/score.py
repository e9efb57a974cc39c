"""The score of any conventional anomaly model."""

from __future__ import annotations

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.errors import unknown
from barograph.core.fitted_anomaly import (
    ANOMALY_KINDS,
    AnomalyRankParameters,
    DeepAnomalyParameters,
    EcodParameters,
    IsolationForestParameters,
    NeighbourParameters,
    PcaParameters,
)
from barograph.core.fitted_value import FittedValue
from barograph.measures.anomaly.components import pca_score
from barograph.measures.anomaly.isolation import isolation_score
from barograph.measures.anomaly.neighbours import neighbour_score
from barograph.measures.anomaly.tails import ecod_score


def anomaly_score(fitted: FittedValue, matrix: AnyArray) -> FloatArray:
    """How unusual each row is, [n], higher for the less usual; the scales of the models differ.

    Parameters
    ----------
    fitted : FittedValue
        Of a conventional kind; autoencoders are scored by `deep_anomaly_score`.
    matrix : array [n, F]
        Finite, the columns of training.

    Raises
    ------
    DataError
        Where the matrix is not finite or does not fit.
    SettingError
        Where the kind is another.
    """
    if isinstance(fitted, IsolationForestParameters):
        return isolation_score(fitted, matrix)
    if isinstance(fitted, EcodParameters):
        return ecod_score(fitted, matrix)
    if isinstance(fitted, PcaParameters):
        return pca_score(fitted, matrix)
    if isinstance(fitted, NeighbourParameters):
        return neighbour_score(fitted, matrix)
    others = (DeepAnomalyParameters.kind, AnomalyRankParameters.kind)
    known = [kind for kind in ANOMALY_KINDS if kind not in others]
    raise unknown("the kind of a conventional anomaly model", fitted.kind, known)
