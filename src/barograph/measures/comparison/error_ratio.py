"""How much larger is one forecaster's root mean squared error than another's, give or take?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.measures.comparison.resampling import block_means


@dataclass(frozen=True, slots=True)
class ErrorRatio:
    """A ratio of root mean squared errors with a bootstrap interval; NaN where it is undefined."""

    ratio: float
    lower: float
    upper: float
    n_obs: int


def error_ratio(
    errors: FloatArray,
    reference: FloatArray,
    *,
    generator: np.random.Generator,
    block: int,
    resamples: int = 500,
    confidence: float = 0.9,
) -> ErrorRatio:
    r"""Ratio of root mean squared errors, with the percentile interval of a circular block bootstrap.

    .. math:: \sqrt{\textstyle\sum_t e_t^2 / \sum_t r_t^2}

    Both forecasters see the same resampled days, so what they share cancels.

    Parameters
    ----------
    errors, reference : FloatArray [n]
        Errors of the forecaster and of the one it is measured by, in time order and in one unit; rows with a
        NaN are left out.
    generator : numpy.random.Generator
        Source of the resamples.
    block : int
        Rows per block, at least the horizon: overlapping errors are dependent.
    resamples : int
        Number of resamples.
    confidence : float
        Share of the resamples inside the interval.

    Returns
    -------
    ErrorRatio
        NaN for fewer than two blocks of rows, or a reference without errors.

    References
    ----------
    Politis and Romano (1992), A circular block-resampling procedure for stationary data.
    """
    squares = np.column_stack([np.asarray(errors, np.float64) ** 2, np.asarray(reference, np.float64) ** 2])
    squares = squares[np.isfinite(squares).all(axis=1)]
    n = int(squares.shape[0])
    if n < 2 * block or squares[:, 1].sum() == 0.0:
        return ErrorRatio(np.nan, np.nan, np.nan, n)
    means = block_means(squares, generator=generator, resamples=resamples, block=block)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.sqrt(np.maximum(means[:, 0], 0.0) / np.maximum(means[:, 1], 0.0))
    tail = (1.0 - confidence) / 2.0
    lower, upper = np.quantile(drawn, [tail, 1.0 - tail])
    whole = squares.mean(axis=0)
    return ErrorRatio(float(np.sqrt(whole[0] / whole[1])), float(lower), float(upper), n)
