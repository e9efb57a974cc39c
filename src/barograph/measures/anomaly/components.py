"""Principal components: how far a record lies along the major and the minor directions."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.fitted_anomaly import PcaParameters
from barograph.measures.anomaly.inputs import normal_scores


def pca_score(fitted: PcaParameters, matrix: AnyArray) -> FloatArray:
    """Sum of squared standardised scores on major and minor components, [n].

    Shyu, Chen, Sarinnapakorn and Chang (2003), "A novel anomaly detection scheme based on principal component
    classifier": ``Σ y_i² / λ_i`` over the major components (they carry half of the variance) finds extreme
    records, over the minor ones (eigenvalue below 0.2) those that break the correlations. The paper compares
    each sum with a threshold of its own; here they are added, for one score. It also trims the most distant
    rows before the fit; instead, columns are read as normal scores, like those of neighbours and networks, in
    which no row is far away.
    """
    standard = (normal_scores(matrix, fitted.knots) - fitted.center) * fitted.weight
    return np.asarray(np.sum((standard @ fitted.directions) ** 2, axis=1))
