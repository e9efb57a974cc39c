"""The answer of a fitted regression: its linear predictor, and the mean that its link makes of it."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, unknown
from barograph.core.fitted_records import LogisticParameters
from barograph.measures.credit.log_odds import sigmoid

LINKS = ("logit", "identity")


def linear_predictor(parameters: LogisticParameters, features: FloatArray) -> FloatArray:
    """``intercept + x · coefficients`` of each row: log-odds for link `logit`.

    Parameters
    ----------
    parameters : LogisticParameters
    features : array [n, n_features]
        In the order of the parameters' names.

    Returns
    -------
    array [n]
        NaN where a feature is NaN.
    """
    if features.ndim != 2 or features.shape[1] != len(parameters.names):
        raise DataError(
            f"a regression of {len(parameters.names)} inputs needs as many columns",
            came=f"got an array of shape {features.shape}",
            do="Pass the inputs in the order of the regression's names",
        )
    return np.asarray(parameters.intercept + features @ parameters.coefficients)


def linear_mean(parameters: LogisticParameters, features: FloatArray) -> FloatArray:
    """The prediction [n]: for link `logit` within (0, 1), for `identity` any number.

    Sources: Cox (1958), JRSS B 20; fractions: Papke and Wooldridge (1996), J. of Applied Econometrics 11.

    Examples
    --------
    >>> even = LogisticParameters(("x",), 0.0, np.array([2.0]))
    >>> linear_mean(even, np.array([[0.0], [np.log(3.0) / 2.0]])).round(6).tolist()
    [0.5, 0.75]
    """
    if parameters.link not in LINKS:
        raise unknown("a link", parameters.link, LINKS)
    predictor = linear_predictor(parameters, features)
    return sigmoid(predictor) if parameters.link == "logit" else predictor
