"""A blend of models: non-negative weights on their log-odds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.fitted_records import StackParameters
from barograph.measures.credit.log_odds import logit, sigmoid


def stack(parameters: StackParameters, p: npt.ArrayLike) -> FloatArray:
    """``sigmoid(intercept + Σ weight · logit p_model)``.

    Parameters
    ----------
    parameters : StackParameters
        Weights [n_models], not negative, so that no model counts against itself (Breiman 1996, Stacked
        regressions, Machine Learning 24; there on predictions, here on log-odds).
    p : array_like [n_models, n]
        Probabilities, models in the order of the parameters.

    Returns
    -------
    FloatArray [n]
        Probabilities strictly between 0 and 1; NaN where any model with a weight says NaN.

    Raises
    ------
    DataError
        If there is not one row per model.

    Examples
    --------
    >>> even = StackParameters(models=("a", "b"), weights=np.array([0.5, 0.5]), intercept=0.0)
    >>> stack(even, [[0.2], [0.8]]).round(6).tolist()
    [0.5]
    """
    said = np.asarray(p, dtype=np.float64)
    if said.ndim != 2 or said.shape[0] != len(parameters.models):
        raise DataError(
            f"a stack of {', '.join(parameters.models)} needs one row of probabilities per model",
            came=f"got an array of shape {said.shape}",
            do="Pass the models' probabilities in the stack's order",
        )
    used = parameters.weights > 0.0
    return sigmoid(parameters.intercept + parameters.weights[used] @ logit(said[used]))
