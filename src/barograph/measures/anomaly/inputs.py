"""The matrix an anomaly model reads: checked, and as normal scores."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.errors import DataError
from barograph.measures.anomaly.order import places

MOST_KNOTS = 1000
"""Order statistics kept of a column."""
ROWS_AT_ONCE = 4096
LIMIT = 6.0
"""Normal scores are clipped to ± this."""


def finite_matrix(matrix: AnyArray, n_columns: int | None = None, *, least_rows: int = 0) -> FloatArray:
    """The matrix in double precision, [n, F].

    Raises
    ------
    DataError
        Where it is not a table of finite numbers, or has another number of columns or too few rows.
    """
    values = np.asarray(matrix, dtype=np.float64)
    wanted = "some" if n_columns is None else str(n_columns)
    fits = values.ndim == 2 and values.shape[1] > 0 and n_columns in (None, values.shape[1])
    if not fits or values.shape[0] < least_rows:
        raise DataError(
            f"an anomaly model needs a table with {wanted} columns and at least {least_rows} rows",
            came=f"its shape is {values.shape}",
            do="Pass the columns of training, in their order",
        )
    unusable = int((~np.isfinite(values)).sum())
    if unusable:
        raise DataError(
            "an anomaly model needs finite numbers",
            came=f"{unusable} of {values.size} are not",
            do="Encode missing values first (`prepare.encoder`)",
        )
    return values


def normal_knots(matrix: FloatArray, *, most: int = MOST_KNOTS) -> FloatArray:
    """Order statistics at the levels ``(i + 1/2) / K``, [K, F] with K at most `most` and n."""
    values = finite_matrix(matrix, least_rows=2)
    n_rows = values.shape[0]
    count = min(most, n_rows)
    places = (2 * np.arange(count) + 1) * n_rows // (2 * count)
    return np.asarray(np.sort(values, axis=0)[places])


def normal_scores(matrix: AnyArray, knots: FloatArray) -> FloatArray:
    """Each value as the standard normal quantile of its level in training (van der Waerden 1952), [n, F].

    The level is linear between knots; a value that fills several knots (a category, a zero) has the middle
    of their levels. Beyond the last knot on either side the score goes on along the straight line
    through the first and the last knot, to ± `LIMIT`, so that what exceeds training is not all alike.

    Parameters
    ----------
    matrix : array [n, F]
        Finite.
    knots : FloatArray [K, F]
        Of `normal_knots`. A column whose knots are all equal has score 0 everywhere.

    Examples
    --------
    >>> knots = normal_knots(np.array([[0.0], [1.0], [2.0]]))
    >>> normal_scores(np.array([[1.0], [2.0], [3.0]]), knots).round(3).tolist()
    [[0.0], [0.967], [1.935]]
    """
    values = finite_matrix(matrix, knots.shape[1])
    scores = np.empty(values.shape)
    for since in range(0, values.shape[0], ROWS_AT_ONCE):
        some = slice(since, since + ROWS_AT_ONCE)
        scores[some] = _scores(values[some], knots)
    return np.clip(scores, -LIMIT, LIMIT)


def _scores(values: FloatArray, knots: FloatArray) -> FloatArray:
    count, first, last = knots.shape[0], knots[0], knots[-1]
    moves = first < last
    inside = np.clip(values, first, last)
    below = places(inside, knots, counting_equal=False)
    until = places(inside, knots, counting_equal=True)
    column = np.arange(knots.shape[1])
    low, high = knots[np.maximum(below - 1, 0), column], knots[np.minimum(below, count - 1), column]
    part = (inside - low) / np.where(high > low, high - low, 1.0)
    number = np.where(until > below, 0.5 * (below + until - 1), below - 1 + part)  # among the knots, from 0
    slope = 2.0 * ndtri(1.0 - 0.5 / count) / np.where(moves, last - first, 1.0)
    scores = ndtri((number + 0.5) / count) + (values - inside) * slope
    return np.asarray(np.where(moves, scores, 0.0))
