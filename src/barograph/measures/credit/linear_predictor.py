"""The answer of a fitted regression: its linear predictor, and the mean that its link makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, unknown
from barograph.core.fitted_records import LogisticParameters
from barograph.measures.credit.log_odds import sigmoid

LINKS = ("logit", "identity")
BLOCK = 1024
"""Rows of single precision that are made double at once."""


def blocks(features: npt.NDArray[Any]) -> Iterator[tuple[slice, FloatArray]]:
    """A table in double precision, some rows at a time: one of single precision is never doubled whole."""
    step = max(1, features.shape[0]) if features.dtype == np.float64 else BLOCK
    for start in range(0, features.shape[0], step):
        rows = slice(start, start + step)
        yield rows, features[rows].astype(np.float64, copy=False)


def times(features: npt.NDArray[Any], coefficients: FloatArray) -> FloatArray:
    """``features @ coefficients`` in double precision, [n].

    Examples
    --------
    >>> times(np.ones((2, 3), dtype=np.float32), np.array([1.0, 2.0, 0.5])).tolist()
    [3.5, 3.5]
    """
    result = np.empty(features.shape[0])
    for rows, block in blocks(features):
        result[rows] = block @ coefficients
    return result


def linear_predictor(parameters: LogisticParameters, features: npt.NDArray[Any]) -> FloatArray:
    """``intercept + x · coefficients`` of each row: log-odds for link `logit`.

    Parameters
    ----------
    parameters : LogisticParameters
    features : array [n, n_features]
        In the order of the parameters' names; float32 is read in double precision, block by block.

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
    return np.asarray(parameters.intercept + times(features, parameters.coefficients))


def linear_mean(parameters: LogisticParameters, features: npt.NDArray[Any]) -> FloatArray:
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
