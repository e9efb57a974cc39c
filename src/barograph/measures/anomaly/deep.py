"""Anomaly score of stacked autoencoders: residuals plus latent neighbours, as mean rank."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.errors import DataError
from barograph.core.fitted_anomaly import DeepAnomalyParameters
from barograph.measures.anomaly.covariance import mahalanobis
from barograph.measures.anomaly.inputs import normal_scores
from barograph.measures.anomaly.neighbours import neighbour_distance
from barograph.measures.anomaly.order import ranked


def deep_inputs(knots: FloatArray, matrix: AnyArray) -> npt.NDArray[np.float32]:
    """What the networks read and must rebuild: normal scores in float32, [n, F]."""
    return normal_scores(matrix, knots).astype(np.float32)


def deep_anomaly_distances(fitted: DeepAnomalyParameters, inputs: AnyArray, answer: AnyArray) -> FloatArray:
    """Distance of each record from the usual ones in the eyes of every member, [M, n].

    It is the sum of two, both in standard deviations. A squared error per record would be ruled by columns
    that nobody can rebuild and by errors that always come together; the Mahalanobis distance of the
    residuals (covariance of Ledoit and Wolf 2004) counts each by how unusual it is, in combination too. A
    record can be rebuilt well and still lie where no training record does: that is the distance to the k-th
    nearest factors (Ramaswamy, Rastogi and Shim 2000).

    Parameters
    ----------
    fitted : DeepAnomalyParameters
    inputs : array [n, F]
        Of `deep_inputs`.
    answer : array [M, n, F + L]
        Each member's reconstruction and factors.

    Raises
    ------
    DataError
        Where the arrays do not fit each other.
    """
    seen, given = np.asarray(inputs, dtype=np.float64), np.asarray(answer, dtype=np.float64)
    n_members, n_columns = fitted.center.shape
    wanted = (n_members, seen.shape[0], n_columns + fitted.latents.shape[2])
    if seen.shape != (seen.shape[0], n_columns) or given.shape != wanted:
        raise DataError(
            "reconstructions and factors of every member must fit the inputs",
            came=f"got inputs {seen.shape} and answers {given.shape} where {wanted} is due",
            do="Pass the answers of the networks that this was fitted with",
        )
    distances = np.empty((n_members, seen.shape[0]))
    for member in range(n_members):
        rebuilt, factors = given[member, :, :n_columns], given[member, :, n_columns:]
        away = mahalanobis(seen - rebuilt, fitted.center[member], fitted.root[member])
        weighted = factors * fitted.latent_weight[member]
        distances[member] = away + neighbour_distance(weighted, fitted.latents[member], fitted.neighbour)
    return distances


def deep_anomaly_score(fitted: DeepAnomalyParameters, inputs: AnyArray, answer: AnyArray) -> FloatArray:
    """Mean over members of a record's rank among rows held out of the training, [n].

    In [0, 1 + 1 / n_ranked] (see `order.ranked`); parameters as in `deep_anomaly_distances`. The two
    distances are added before they are ranked: in a mean of two ranks, a record beyond everything known in
    one of them would come after one that is somewhat unusual in both.
    """
    distances = deep_anomaly_distances(fitted, inputs, answer)
    ranks = [
        ranked(one, known, fitted.shares, n_rows=fitted.n_ranked)
        for one, known in zip(distances, fitted.quantiles, strict=True)
    ]
    return np.asarray(np.mean(ranks, axis=0))
